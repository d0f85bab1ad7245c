# Compares a node's virtual machine with how create-node.sh left it. Runs on its hypervisor, and changes nothing.
#
# stdin: {"directory": the node's, in the pool}
# stdout: {WHAT: {"wanted", "found"}}, only what differs
import json, os, subprocess, sys
import xml.etree.ElementTree as tree


def virsh(*command):
    ran = subprocess.run(["virsh", *command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if ran.returncode:
        sys.exit(ran.stderr.decode(errors="replace").strip())
    return ran.stdout.decode().strip()


directory = json.load(sys.stdin)["directory"]
drift = {}
domain = tree.parse(f"{directory}/domain.xml").getroot().find("name").text
if domain not in virsh("list", "--all", "--name").split("\n"):
    drift["virtual machine"] = {"wanted": "running", "found": "not defined"}
else:
    state = virsh("domstate", domain)
    if state != "running":
        drift["virtual machine"] = {"wanted": "running", "found": state}
    if "enable" not in virsh("dominfo", domain).split("Autostart:")[1].split("\n")[0]:
        drift["virtual machine at the hypervisor's start"] = {"wanted": "started", "found": "not started"}
    defined = f"{directory}/defined.xml"
    if os.path.exists(defined):
        with open(defined, encoding="utf-8") as stream:
            wanted, found = stream.read().strip().split("\n"), virsh("dumpxml", "--inactive", domain).split("\n")
        if wanted != found:
            only = lambda these, others: " ".join(line.strip() for line in these if line not in others)[:300] or "nothing more"
            drift["virtual machine's definition"] = {"wanted": only(wanted, found), "found": only(found, wanted)}
print(json.dumps(drift))
