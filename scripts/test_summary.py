#!/usr/bin/env python3
"""Sum up what `meson test` wrote: what failed with its output, what was skipped and why, counts.

usage: test_summary.py TESTLOG_JSON [--also NAME EXIT_STATUS]...

TESTLOG_JSON is meson-logs/testlog.json, one JSON object a line and program. A program written
with cmocka counts by its test cases, any other as one; --also adds a check that ran elsewhere.
Exit status 77 means skipped. The last line is "N passed, N failed[, N skipped]"; exit 1 if a test
failed or none ran.
"""
import json
import re
import sys

CASES = re.compile(r"^\[ +(PASSED|FAILED|SKIPPED) +\] (\d+) test\(s\)", re.MULTILINE)
SKIPPED_CASE = re.compile(r"^\[ +SKIPPED +\] (?!\d+ test)(.+)$", re.MULTILINE)
TAIL = 80


def counts_of(test):
    """Passed, failed and skipped cases of one program."""
    count = {"PASSED": 0, "FAILED": 0, "SKIPPED": 0}
    output = (test.get("stdout") or "") + "\n" + (test.get("stderr") or "")
    for kind, number in CASES.findall(output):
        count[kind] += int(number)
    if test["result"] == "SKIP":
        count["SKIPPED"] = max(count["SKIPPED"], 1)
    elif test["result"] not in ("OK", "EXPECTEDFAIL"):
        # A crash, a timeout or a sanitizer's report behind the last case leaves no failed case.
        count["FAILED"] = max(count["FAILED"], 1)
    elif not any(count.values()):
        count["PASSED"] = 1
    return count


def tell_failure(test):
    """What a developer needs to go on: the command, how it ended, the end of what it said."""
    print(f"\n==== {test['name']}: {test['result']}, exit {test.get('returncode')}, "
          f"{test['duration']:.1f} s")
    print("     " + " ".join(test["command"]))
    for stream in ("stdout", "stderr"):
        lines = (test.get(stream) or "").rstrip().splitlines()
        if len(lines) > TAIL:
            print(f"     ({len(lines) - TAIL} lines before these are in the log)")
        for line in lines[-TAIL:]:
            print("     " + line)


def tell_skipped(test):
    """The cases left out, and the lines that they printed: the reason."""
    output = (test.get("stdout") or "") + "\n" + (test.get("stderr") or "")
    names = list(dict.fromkeys(SKIPPED_CASE.findall(output)))
    print(f"skipped: {test['name']}" + (f": {', '.join(names)}" if names else ""))
    for line in dict.fromkeys(output.splitlines()):
        if line.strip() and not line.startswith("[") and "SKIPPED TEST(S)" not in line:
            if "skip" in line.lower() or "shared" in line.lower():
                print("         " + line.strip())


def main(arguments):
    try:
        with open(arguments[0], encoding="utf-8") as log:
            tests = [json.loads(line) for line in log if line.strip()]
        for test in tests:
            # "project:suite / name"
            test["name"] = test["name"].rpartition(" / ")[2]
    except OSError as error:
        print(f"No test ran: {error}", file=sys.stderr)
        tests = []
    also = arguments[1:]
    for at in range(0, len(also) - 2, 3):
        name, status = also[at + 1], int(also[at + 2])
        result = {0: "OK", 77: "SKIP"}.get(status, "FAIL")
        tests.append({"name": name, "result": result, "returncode": status, "duration": 0.0,
                      "command": [f"./scripts/{name}", "--check"]})

    total = {"PASSED": 0, "FAILED": 0, "SKIPPED": 0}
    for test in tests:
        count = counts_of(test)
        for kind, number in count.items():
            total[kind] += number
        if count["FAILED"]:
            tell_failure(test)
        elif count["SKIPPED"]:
            tell_skipped(test)
    if not tests:
        total["FAILED"] = 1
    slowest = sorted(tests, key=lambda test: -test["duration"])[:3]
    print(f"{len(tests)} test programs; slowest: "
          + ", ".join(f"{test['name']} {test['duration']:.1f} s" for test in slowest))
    line = f"{total['PASSED']} passed, {total['FAILED']} failed"
    if total["SKIPPED"]:
        line += f", {total['SKIPPED']} skipped"
    print(line, flush=True)
    return 1 if total["FAILED"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
