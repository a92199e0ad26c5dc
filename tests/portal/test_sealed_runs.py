"""The engine's process: sealed from the network, from our keys and database, and from everything it need not write."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from portal.runs.seal import can_seal

pytestmark = pytest.mark.skipif(
    not can_seal(), reason="this kernel has no Landlock, so that no run can be done on it: docs/portal.md"
)
SOURCE = Path(__file__).parents[2] / "src"
# What a process tries once it is sealed, and what becomes of it.
TRIES = {
    "a socket": "import socket; socket.socket()",
    "a socket of the machine": "import socket; socket.socket(socket.AF_UNIX)",
    "another process's memory": "import ctypes, os; libc = ctypes.CDLL(None, use_errno=True); "
    "r = libc.ptrace(16, os.getppid(), 0, 0); (_ for _ in ()).throw(PermissionError) if r else None",
    "reading a key": "open(HOME + '/keys/worker.secret').read()",
    "reading the database": "open(HOME + '/portal.sqlite3', 'rb').read()",
    "listing the home folder": "__import__('os').listdir(HOME)",
    "writing to the records": "open(CENTRAL + '/person.parquet', 'ab')",
    "removing a record": "__import__('os').remove(CENTRAL + '/person.parquet')",
    "writing elsewhere": "open('/tmp/datalab-should-not-be-here', 'w')",
    "a network of its own": "__import__('ctypes').CDLL(None).unshare(0x40000000) == 0 or (_ for _ in ()).throw(PermissionError)",
}


@pytest.fixture
def places(home: Path, tmp_path: Path) -> dict[str, Path]:
    (home / "keys" / "worker.secret").write_text("secret", encoding="ascii")
    (home / "portal.sqlite3").write_bytes(b"rows")
    central = home / "central" / "test"
    central.mkdir()
    (central / "person.parquet").write_bytes(b"people")
    work = home / "work"
    work.mkdir()
    return {"home": home, "central": central, "work": work}


def _sealed(places: dict[str, Path], code: str, *, memory: int = 4 << 30, seconds: int = 60) -> subprocess.CompletedProcess[str]:
    program = f"""
import socket, ctypes, os, sys
from pathlib import Path
HOME, CENTRAL, WORK = {str(places["home"])!r}, {str(places["central"])!r}, {str(places["work"])!r}
from portal.runs.seal import seal
seal([Path("/usr"), Path("/lib"), Path("/lib64"), Path("/etc"), Path("/proc"), Path(sys.prefix), Path(CENTRAL)],
     [Path(WORK), Path("/dev/null")], memory={memory}, seconds={seconds})
{code}
print("done")
"""
    environment = {"PYTHONPATH": str(SOURCE), "PATH": "/usr/bin:/bin"}
    return subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.parametrize("what", sorted(TRIES))
def test_what_is_sealed_off(places: dict[str, Path], what: str) -> None:
    tried = _sealed(places, f"try:\n    {TRIES[what]}\nexcept PermissionError:\n    print('refused'); sys.exit()")
    assert tried.stdout.strip() == "refused", (tried.stdout, tried.stderr)


def test_what_it_needs_it_can(places: dict[str, Path]) -> None:
    tried = _sealed(
        places, "open(CENTRAL + '/person.parquet', 'rb').read(); open(WORK + '/out', 'w').write('x'); os.remove(WORK + '/out')"
    )
    assert tried.stdout.strip() == "done", tried.stderr


def test_memory_and_time_have_limits(places: dict[str, Path]) -> None:
    assert "MemoryError" in _sealed(places, "x = bytearray(1 << 30)", memory=512 << 20).stderr
    assert _sealed(places, "while True: pass", seconds=1).returncode == -9


def test_what_a_library_prints_and_what_a_fault_says_never_leave(places: dict[str, Path]) -> None:
    program = (
        "import json, sys, io; from portal.runs import sealed\n"
        "def shout(order, told):\n    print('ADA MADE-UP'); told.stage('x'); raise ValueError('ADA MADE-UP')\n"
        "sealed.DO['check'] = shout\nsealed.seal = lambda *a, **k: None\nsys.exit(sealed.main())"
    )
    order = '{"do": "check", "work": ".", "readable": [], "memory": 1, "seconds": 1}\n'
    environment = {"PYTHONPATH": str(SOURCE), "PATH": "/usr/bin:/bin"}
    told = subprocess.run(
        [sys.executable, "-c", program], input=order, env=environment, capture_output=True, text=True, check=False
    )
    assert told.returncode == 4
    assert "ADA" not in told.stdout
    assert "The engine stopped (ValueError)." in told.stdout
