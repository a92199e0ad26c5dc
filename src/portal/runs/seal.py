"""Seals a process before the engine runs in it: no network, files only where it must, limits on memory, time and files.

Two parts of the Linux kernel do it, neither of which needs a privilege and neither of which can be undone: seccomp refuses
the calls that open a connection (and those that would get round it), Landlock refuses every file that is not named. Where the
kernel has no Landlock, or the machine is none we know, nothing is run (Refused to seal), rather than run unsealed.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import struct
from collections.abc import Iterable
from pathlib import Path

_LIBC = ctypes.CDLL(None, use_errno=True)
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 38, 22, 2
# Audit architecture, and the numbers of the calls that are refused, by machine.
_CALLS = ("socket", "connect", "accept", "sendto", "bind", "listen", "accept4", "io_uring_setup", "ptrace", "process_vm_readv",
          "process_vm_writev", "unshare", "setns", "mount", "bpf", "keyctl")  # fmt: skip
_MACHINES: dict[str, tuple[int, tuple[int, ...]]] = {
    "x86_64": (0xC000003E, (41, 42, 43, 44, 49, 50, 288, 425, 101, 310, 311, 272, 308, 165, 321, 250)),
    "aarch64": (0xC00000B7, (198, 203, 202, 206, 200, 201, 242, 425, 117, 270, 271, 97, 268, 40, 280, 219)),
}
_ALLOW, _KILL, _EPERM = 0x7FFF0000, 0x80000000, 0x00050001
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
# Landlock's rights: what reading needs, what a plain file can have, and everything (bits 0 to 15).
_READ, _READ_FILE, _OF_FILES, _ALL = 0b1101, 0b101, 0b1100_0000_0000_0111, 0xFFFF
_BITS_OF_VERSION = {1: 13, 2: 14, 3: 15, 4: 15}


class SealError(Exception):
    """The process could not be sealed; nothing may be run in it."""


def can_seal() -> bool:
    """Whether this kernel and machine have what sealing needs; where they have not, no run is done."""
    return platform.machine() in _MACHINES and _LIBC.syscall(_CREATE_RULESET, None, 0, 1) >= 1


def seal(readable: Iterable[Path], writable: Iterable[Path], *, memory: int, seconds: int) -> None:
    """Seals this process and all it starts, for good. Reads only below `readable` and `writable`, writes only below `writable`.

    memory: bytes that it may write to (V8, which draws the charts, reserves far more than it uses). seconds: of processor
    time. Raises SealError where any part of it cannot be had.
    """
    for limit, value in (
        (resource.RLIMIT_DATA, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 512),
    ):
        resource.setrlimit(limit, (value, value))
    if _LIBC.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise SealError("no_new_privs was refused")
    _restrict_files(tuple(readable), tuple(writable))
    _refuse_calls()


def _restrict_files(readable: tuple[Path, ...], writable: tuple[Path, ...]) -> None:
    version = _LIBC.syscall(_CREATE_RULESET, None, 0, 1)
    if version < 1:
        raise SealError("the kernel has no Landlock")
    handled = _ALL & ((1 << _BITS_OF_VERSION.get(version, 16)) - 1)
    ruleset = _LIBC.syscall(_CREATE_RULESET, struct.pack("=Q", handled), 8, 0)
    if ruleset < 0:
        raise SealError("Landlock made no ruleset")
    for paths, rights in ((readable, _READ), (writable, _ALL)):
        for path in paths:
            if path.exists():
                _allow(ruleset, path, rights & handled)
    if _LIBC.syscall(_RESTRICT_SELF, ruleset, 0):
        raise SealError("Landlock could not be entered")
    os.close(ruleset)


def _allow(ruleset: int, path: Path, rights: int) -> None:
    below = os.open(path, os.O_PATH | os.O_CLOEXEC)
    granted = rights if path.is_dir() else rights & _OF_FILES
    rule = struct.pack("=Qi", granted, below)
    failed = _LIBC.syscall(_ADD_RULE, ruleset, 1, rule, 0)
    os.close(below)
    if failed:
        raise SealError(f"Landlock took no rule for {path.name}")


def _refuse_calls() -> None:
    machine = platform.machine()
    if machine not in _MACHINES:
        raise SealError(f"no list of calls for {machine}")
    architecture, numbers = _MACHINES[machine]
    load, equal, at_least, give = 0x20, 0x15, 0x35, 0x06
    program = [(load, 0, 0, 4), (equal, 1, 0, architecture), (give, 0, 0, _KILL), (load, 0, 0, 0)]
    # The second table of numbers that x86-64 has would be a way round.
    program += [(at_least, 0, 1, 0x40000000), (give, 0, 0, _EPERM)]
    for number in numbers:
        program += [(equal, 0, 1, number), (give, 0, 0, _EPERM)]
    program.append((give, 0, 0, _ALLOW))
    code = b"".join(struct.pack("=HBBI", *step) for step in program)
    buffer = ctypes.create_string_buffer(code)
    header = struct.pack("@HP", len(program), ctypes.addressof(buffer))
    if _LIBC.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, header, 0, 0):
        raise SealError("seccomp took no filter")
