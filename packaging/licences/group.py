"""Writes each licence once, in place of once for each wording of its copyright line. Begun by make.sh.

usage: group.py < LICENCES > GROUPED

What is the same but for the lines that say who has the copyright, and for how the text is broken into lines, is one
licence: its crates, all those lines, and its text. No line about a copyright is left out.
"""

import re
import sys

RULE = "-" * 80
NOTICE = re.compile(r"^\W*(copyright\b|\(c\)|©|all rights reserved|portions copyright)", re.IGNORECASE)


def words(text):
    """The same for texts that say the same."""
    return re.sub(r"[^a-z0-9]+", " ", text.lower())


def main():
    head, *sections = sys.stdin.read().split(f"{RULE}\n")
    groups = {}
    last = []
    for section in sections:
        name, _, rest = section.partition("\n")
        crates = re.match(r"(?:\* .*\n)*", rest).group()
        if not crates:
            # The fonts, whose licence stands behind them.
            last.append(section)
            continue
        text = rest[len(crates):].strip("\n")
        # The notices of a licence stand before it. In the text of Apache's is one that belongs to it.
        above, found, below = [], [], text.split("\n")
        while below and (not below[0].strip() or NOTICE.match(below[0]) or words(below[0]).strip() in words(name)):
            line = below.pop(0).rstrip()
            (found if NOTICE.match(line) else above).append(line)
        body = "\n".join(below)
        title = "\n".join(line for line in above if line.strip())
        group = groups.setdefault((name, words(body)), {"title": title, "body": body, "crates": [], "notices": []})
        group["crates"] += [crate for crate in crates.splitlines() if crate not in group["crates"]]
        group["notices"] += [notice for notice in found if notice not in group["notices"]]
    sys.stdout.write(head)
    for (name, _), group in groups.items():
        parts = ["\n".join([name, *sorted(group["crates"])])]
        parts += ["\n".join(part) for part in (group["notices"],) if part]
        parts += [part for part in (group["title"], group["body"]) if part]
        sys.stdout.write(f"{RULE}\n" + "\n\n".join(parts) + "\n\n")
    for section in last:
        sys.stdout.write(f"{RULE}\n{section}")


main()
