"""The attacker: a process of its own, so that what it does takes no time of honest clients."""

from __future__ import annotations

import subprocess
import sys

import msgspec

from prove.hostile.target import Answers, Target

PATIENCE = 90.0
"""Seconds after which an attack is ended."""


def attack(name: str, target: Target) -> Answers:
    """Let the attacker attack, and return what it was answered."""
    process = subprocess.Popen(
        [sys.executable, "-m", "prove.hostile.attacks", name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        told, _ = process.communicate(msgspec.json.encode(target), PATIENCE)
    except subprocess.TimeoutExpired:
        return Answers(trouble=f"was not done after {PATIENCE:.0f} s")
    finally:
        process.kill()
        process.wait()
    if process.returncode:
        return Answers(trouble=f"ended with status {process.returncode}")
    return msgspec.json.decode(told, type=Answers)
