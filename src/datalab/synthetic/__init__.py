"""A made-up country that obeys the schema, with programmes whose true effect is known."""

from datalab.synthetic.blocks import write_country
from datalab.synthetic.describe import describe_world, summarise
from datalab.synthetic.programmes import MAIN_PROGRAMME, PROGRAMMES
from datalab.synthetic.settings import PRESETS
from datalab.synthetic.truth import Truth, truth_for
from datalab.synthetic.world import TODAY, World, make_world
from datalab.synthetic.writers import draw_description, write_world

__all__ = [
    "MAIN_PROGRAMME",
    "PRESETS",
    "PROGRAMMES",
    "TODAY",
    "Truth",
    "World",
    "describe_world",
    "draw_description",
    "make_world",
    "summarise",
    "truth_for",
    "write_country",
    "write_world",
]
