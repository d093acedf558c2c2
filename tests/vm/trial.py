# SPDX-License-Identifier: LGPL-2.1-or-later
"""Play a case in a guest, judge it, and run many: what the runners of guest tests share."""

import os
import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed

import qemu
import steps
import vm
from cases import DIES

PASS, FAIL, SKIP = "PASS", "FAIL", "SKIP"


class Outcome:
    """Of one case with one tool: a verdict, why, how long, and what a figure wants to say."""

    def __init__(self, case, tool):
        self.case, self.tool = case, tool
        self.verdict, self.why, self.seconds, self.figure = PASS, "", 0.0, ""
        self.broken, self.last_words = False, ""

    @property
    def name(self):
        return f"{self.case.name}/{self.tool}"


def lacking(case, tool, kit):
    """Why a case cannot run here, or None."""
    needs = set(case.needs) | {"kexec" if tool == steps.STOCK else tool}
    for name in sorted(needs):
        if name in kit.missing:
            return kit.missing[name]
    if case.machine.uefi and not qemu.ovmf():
        return "no OVMF (install ovmf)"
    if case.machine.smm and not os.path.exists(vm.OVMF_SMM):
        return f"no {vm.OVMF_SMM} (install ovmf)"
    return None


def counted(guest):
    words = [f"{guest.nmis} NMI" if guest.nmis else "", f"{guest.mces} #MC" if guest.mces else ""]
    return ", ".join(filter(None, words)) or "no event"


def play(guest, case, tool, outcome):
    """Run the steps, and judge."""
    scene = steps.Scene(guest, tool)
    at = None
    part = "before"
    try:
        for part in ("before", "attack", "after"):
            if part == "after" and case.tools[tool] == DIES:
                raise vm.Failed("the control lived: the attack proves nothing")
            for at in getattr(case, part):
                at(scene)
                guest.note(f"done: {at.name}")
        outcome.figure = f"lived: {counted(guest)}"
    except vm.Died as why:
        how = "hung" if isinstance(why, vm.Hung) else "died"
        outcome.figure = f"{how} after {counted(guest)}"
        if part != "attack" or case.tools[tool] != DIES:
            outcome.verdict, outcome.why = FAIL, f"{part}, step '{at.name}': {why}"
        else:
            outcome.why = f"{how} as it must: {why}"
    except vm.Broken:
        raise
    except Exception as why:  # a bug of a step is a failure of its test, not of the run
        if isinstance(why, vm.Failed) and case.tools[tool] == DIES and part == "before":
            raise vm.Broken(f"the control, before its attack, step '{at.name}': {why}") from None
        outcome.verdict, outcome.why = FAIL, f"{part}, step '{at.name}': {why}"
        outcome.figure = "failed"


def run_one(case, tool, kit, logs, keep):
    """Once more if the emulator broke: that says nothing about either tool."""
    outcome = Outcome(case, tool)
    outcome.why = lacking(case, tool, kit) or ""
    if outcome.why:
        outcome.verdict = SKIP
        return outcome
    outcome = attempt(case, tool, kit, logs, keep)
    if outcome.broken:
        print(f"AGAIN: {outcome.name}: {outcome.why}{outcome.last_words}", flush=True)
        folder = folder_of(outcome, logs)
        shutil.rmtree(f"{folder}.broken", ignore_errors=True)
        os.rename(folder, f"{folder}.broken")
        outcome = attempt(case, tool, kit, logs, keep)
    return outcome


def folder_of(outcome, logs):
    return os.path.join(logs, outcome.name.replace("/", "."))


def attempt(case, tool, kit, logs, keep):
    outcome = Outcome(case, tool)
    folder = folder_of(outcome, logs)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    start = time.monotonic()
    try:
        guest = vm.Guest(folder, kit, case.machine)
    except vm.Failed as why:
        outcome.verdict, outcome.why = FAIL, str(why)
        return outcome
    seconds = case.seconds * vm.PATIENCE
    alarm = threading.Timer(seconds, guest.expire, [f"{seconds:g} s are over"])
    alarm.start()
    try:
        play(guest, case, tool, outcome)
    except vm.Broken as why:
        outcome.verdict, outcome.why, outcome.broken = FAIL, str(why), True
    finally:
        alarm.cancel()
        guest.close()
    outcome.seconds = time.monotonic() - start
    if outcome.verdict == FAIL:
        outcome.last_words = "".join(f"\n    {line}" for line in guest.console().splitlines()[-8:])
    if outcome.verdict == PASS and not keep:
        shutil.rmtree(folder)
    return outcome


def run_all(wanted, logs, options, judge=lambda outcome: None):
    """@wanted: (case, tool, kit), each. -> outcomes in this order. As each ends, @judge looks at it,
    and then a line is printed."""
    done = {}
    with ThreadPoolExecutor(options.j) as pool:
        futures = [pool.submit(run_one, case, tool, kit, logs, options.keep)
                   for case, tool, kit in wanted]
        for future in as_completed(futures):
            outcome = future.result()
            judge(outcome)
            done[outcome.name] = outcome
            note = f" ({outcome.why})" if outcome.why else ""
            print(f"{outcome.verdict}: {outcome.name:<32} {outcome.seconds:5.1f} s{note}"
                  + outcome.last_words, flush=True)
    return [done[f"{case.name}/{tool}"] for case, tool, _ in wanted]


def close(outcomes, logs):
    """The last lines of a run. -> its exit status"""
    count = {verdict: sum(each.verdict == verdict for each in outcomes)
             for verdict in (PASS, FAIL, SKIP)}
    if count[FAIL]:
        print(f"logs of the failures: {logs}/NAME.TOOL/"
              "{steps,console,channel,registers,qemu}.log")
    print(f"{count[PASS]} passed, {count[FAIL]} failed, {count[SKIP]} skipped")
    return 1 if count[FAIL] else 77 if not count[PASS] else 0
