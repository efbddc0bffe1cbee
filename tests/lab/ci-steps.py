#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""What a CI system runs of dmalab's files for it, as a shell script.

usage: ci-steps.py action|gitlab|container FOLDER [NAME=VALUE...]

FOLDER has dmalab. NAME=VALUE are the inputs of the action, the variables of the job, or the
arguments of the image. Fails if a file uses what it does not declare, or has a step that is not
known here: then the script would not be what runs there.
"""
import re
import shlex
import sys

import yaml


def die(reason):
    sys.exit(f"ci-steps.py: {reason}")


def load(path):
    with open(path, encoding="utf-8") as file:
        return yaml.safe_load(file)


def exports(values):
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in values.items())


def bash(script):
    """A step in a bash of its own, as both CI systems run it."""
    return f"bash --noprofile --norc -eo pipefail -c {shlex.quote(script)} || exit\n"


def action(folder, given):
    """The steps of a composite action. Keeping files between jobs is the runner's."""
    described = load(f"{folder}/action.yml")
    inputs = {name: about.get("default", "") for name, about in described["inputs"].items()}
    used = set()
    if set(given) - set(inputs):
        die(f"no input {set(given) - set(inputs)}")
    for name, about in described["inputs"].items():
        if about.get("required") and name not in given:
            die(f"input {name} is required")
    inputs.update(given)

    def substituted(text):
        names = re.findall(r"\$\{\{ inputs\.(\w+) \}\}", text)
        used.update(names)
        for name in names:
            text = text.replace("${{ inputs.%s }}" % name, inputs[name])
        if "${{" in text:
            die(f"not known here: {text}")
        return text

    script = exports({"GITHUB_ACTION_PATH": folder})
    for step in described["runs"]["steps"]:
        if step.get("uses", "").startswith("actions/cache@"):
            for text in step["with"].values():
                substituted(text)
            continue
        if set(step) - {"name", "shell", "run", "env"} or step["shell"] != "bash":
            die(f"not known here: {step}")
        values = {name: substituted(text) for name, text in step.get("env", {}).items()}
        script += f"(\n{exports(values)}{bash(substituted(step['run']))})\n"
        script += "status=$?; [ $status = 0 ] || exit $status\n"
    if used != set(inputs):
        die(f"inputs that no step uses: {set(inputs) - used}")
    return script


def gitlab(folder, given):
    """A job that extends .dmalab; its variables may name others, and are expanded in turn."""
    job = load(f"{folder}/ci/gitlab.yml")[".dmalab"]
    script = ""
    for name, value in {**job["variables"], **given}.items():
        if name in given:
            script += exports({name: value})
        else:
            script += f'export {name}="{value}"\n'
    lines = [line.rstrip() for line in job["before_script"] + job["script"]]
    return script + bash("\n".join(lines))


def container(folder, given):
    """The lines of a Containerfile, whose context is FOLDER, but for FROM."""
    lines = open(f"{folder}/ci/Containerfile", encoding="utf-8").read().replace("\\\n", "")
    arguments = {}
    script = ""
    for line in lines.splitlines():
        word, _, rest = line.partition(" ")
        if not line or word.startswith("#") or word == "FROM":
            continue
        if word == "ARG":
            name, _, default = rest.partition("=")
            arguments[name] = given.get(name, default)
            script += exports({name: arguments[name]})
        elif word == "ENV":
            script += f"export {rest}\n"
        elif word == "COPY":
            source, target = rest.split()
            script += f"mkdir -p {target} && cp -rT {folder}/{source} {target} || exit\n"
        elif word == "RUN":
            script += f"sh -c {shlex.quote(rest)} || exit\n"
        elif word == "ENTRYPOINT":
            script += f"{shlex.join(yaml.safe_load(rest))} \"$@\"\n"
        else:
            die(f"not known here: {line}")
    if set(given) - set(arguments):
        die(f"no argument {set(given) - set(arguments)}")
    return script


systems = {"action": action, "gitlab": gitlab, "container": container}
if len(sys.argv) < 3 or sys.argv[1] not in systems:
    sys.exit(__doc__)
print(systems[sys.argv[1]](sys.argv[2], dict(word.split("=", 1) for word in sys.argv[3:])), end="")
