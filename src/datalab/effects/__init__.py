"""Effects: outcome models, influence, intervals, survival. The front door is `front.effects`, as `datalab.effects`."""
