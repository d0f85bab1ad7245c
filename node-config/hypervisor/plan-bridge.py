# Plans a bridge in the place of the card that has an address, and changes nothing.
#
# Arguments: a directory, or - to write nothing; the bridge; the address.
# stdout: what stands in the way, in one line, or nothing.
#
# Into the directory it writes what a trial needs (bridge.sh, kjerne-bridge-undo): `plan`, `files`, `new/` and `old/`.
import glob, ipaddress, json, os, pathlib, re, shutil, subprocess, sys

directory, bridge, given = sys.argv[1:]


def refuse(reason):
    print(f"bridge {bridge}: {reason}")
    sys.exit()


BY_HAND = f"make {bridge} by hand, with the uplink to the nodes' network as a port"


def fields(path):
    text = pathlib.Path(path).read_text() if os.path.exists(path) else ""
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)


def card_with(address):
    links = json.loads(subprocess.check_output(["ip", "-json", "-details", "address", "show"]))
    found = [link for link in links if any(one.get("local") == address for one in link["addr_info"])]
    names = ", ".join(link["ifname"] for link in found)
    if not found:
        refuse(f"no card of this machine has {address}, so none is known to be the uplink; {BY_HAND}")
    if len(found) > 1:
        refuse(f"{names} all have {address}, so no single one is the uplink; take it from the others, or {BY_HAND}")
    [link] = found
    kind, device = link.get("linkinfo", {}).get("info_kind"), f"/sys/class/net/{names}"
    if kind == "bridge":
        refuse(f"{address} lies on the bridge {names}, which is there already; name it in hypervisors[].bridge")
    if "master" in link:
        refuse(f"{names}, which has {address}, is a port of {link['master']} already; {BY_HAND}")
    if os.path.exists(f"{device}/wireless") or os.path.exists(f"{device}/phy80211"):
        refuse(f"{names}, which has {address}, is Wi-Fi, which lets no other addresses pass; use a cable")
    if kind not in (None, "veth") or link["link_type"] != "ether":
        refuse(f"{names}, which has {address}, is no plain card ({kind or link['link_type']}); {BY_HAND}")
    above = [pathlib.Path(one).name[len("upper_") :] for one in glob.glob(f"{device}/upper_*")]
    if above:
        refuse(f"{', '.join(above)} lies on {names}, which has {address}, and would lose it; {BY_HAND}")
    # The settings have one address of the hypervisor; and who gives addresses may give a bridge another one.
    lent = [one["local"] for one in link["addr_info"] if one.get("dynamic") and (one["family"] == "inet" or one["local"] == address)]
    if lent:
        refuse(f"{names} has {', '.join(lent)} by DHCP or from a router, and a bridge may get another one; make it static")
    return link


class Ifupdown:
    """/etc/network/interfaces and what it reads."""

    def __init__(self, card, link):
        self.card, self.link, self.files, self.is_found, self.has_begun = card, link, {}, False, False
        if fields("/run/network/ifstate").get(card):
            self.read("/etc/network/interfaces")

    def read(self, path):
        if path in self.files or not os.path.isfile(path):
            return
        text = pathlib.Path(path).read_text()
        self.files[path] = text
        for words in map(str.split, text.splitlines()):
            if words[:1] == ["source"]:
                for one in sorted(glob.glob(os.path.join(os.path.dirname(path), words[1]))):
                    self.read(one)
            elif words[:1] == ["source-directory"]:
                for one in sorted(glob.glob(os.path.join(os.path.dirname(path), words[1], "*"))):
                    if re.fullmatch(r"[\w-]+", os.path.basename(one)):
                        self.read(one)
            self.is_found |= words[:2] == ["iface", self.card]

    def plan(self):
        new = {path: self.rewritten(path, text) for path, text in self.files.items()}
        return {path: text for path, text in new.items() if text != self.files[path]}

    def rewritten(self, path, text):
        if "cloud-init" in text and not glob.glob("/etc/cloud/cloud.cfg.d/*disable-network*"):
            refuse(f"cloud-init writes {path}; tell it not to (/etc/cloud/cloud.cfg.d/99-disable-network-config.cfg with network: {{config: disabled}})")
        lines, inside = [], False
        for line in text.splitlines():
            words = line.split()
            first = words[0] if words else ""
            if first in ("iface", "auto", "mapping", "source", "source-directory", "template") or re.match("(allow|no)-", first):
                inside = words[:2] == ["iface", self.card]
                if self.card in words and (first == "mapping" or "inherits" in words or line.endswith("\\")):
                    refuse(f"{path} has {line.strip()!r}, which kjerne does not follow; write it out, or {BY_HAND}")
            if first == "iface" and words[1:2] and words[1].startswith(f"{self.card}:"):
                refuse(f"{path} has {line.strip()!r}, whose address would stay on {self.card} and reach nobody; write it as another 'iface {self.card}', or {BY_HAND}")
            if inside and first == "iface":
                line = re.sub(r"(iface\s+)\S+", rf"\g<1>{bridge}", line, count=1)
                lines += [line] if self.has_begun else [f"auto {bridge}", line, *self.port()]
                self.has_begun = True
            elif first == "auto" or first.startswith("allow-"):
                # The bridge appears once it is asked for; nothing plugs it in.
                left = [word for word in words if word != self.card]
                lines += [line] if left == words else [" ".join(left)] * (len(left) > 1)
            elif inside and re.match(r"(pre-|post-)?(up|down)$", first):
                line = re.sub(rf"\bdev\s+{re.escape(self.card)}(?!\S)", f"dev {bridge}", line)
                if self.card in line.split() and "ethtool" not in line:
                    refuse(f"{path} has {line.strip()!r} for {self.card}, which may mean the card or its address; {BY_HAND}")
                lines.append(line)
            else:
                lines.append(line)
        return "\n".join(lines) + "\n"

    # Without bridge-utils, whose bridge_ports the machine may not know.
    def port(self):
        return [
            f"    pre-up [ -e /sys/class/net/{bridge} ] || ip link add name {bridge} address {self.link['address']} type bridge",
            f"    pre-up ip link set dev {self.card} mtu {self.link['mtu']} master {bridge} up",
        ]


class Networkd:
    """Files before those that are there; none of these changes."""

    def __init__(self, card, link):
        self.card, self.link = card, link
        state = fields(f"/run/systemd/netif/links/{link['ifindex']}")
        self.path = state.get("NETWORK_FILE", "")
        self.is_found = self.path != "" and state.get("ADMIN_STATE") in ("configuring", "configured")

    def plan(self):
        if "netplan" in os.path.basename(self.path):
            refuse(f"netplan has written {self.path}; declare the bridge in /etc/netplan (bridges: {{{bridge}: {{interfaces: [{self.card}]}}}}) with the addresses of {self.card}, then netplan try")
        for root in "/etc", "/run", "/usr/lib":
            if glob.glob(f"{root}/systemd/network/{os.path.basename(self.path)}.d/*.conf"):
                refuse(f"{self.path} has drop-ins, which kjerne does not follow; write them into the file, or {BY_HAND}")
        sections = re.split(r"(?m)^(?=\[)", pathlib.Path(self.path).read_text())
        body = "".join(one for one in sections if not one.startswith("[Match]")).strip()
        if re.search(r"(?m)^(Bridge|Bond|VRF|VLAN|MACVLAN)\s*=", body):
            refuse(f"{self.path} joins {self.card} to another device, which kjerne does not follow; {BY_HAND}")
        mac, mtu = self.link["address"], self.link["mtu"]
        # The first file that matches counts.
        at = f"/etc/systemd/network/0-kjerne-{bridge}"
        if os.path.basename(self.path) < os.path.basename(at):
            refuse(f"{self.path} comes before any other file; give it a name that begins with 10-, or {BY_HAND}")
        return {
            f"{at}.netdev": f"[NetDev]\nName={bridge}\nKind=bridge\nMACAddress={mac}\nMTUBytes={mtu}\n",
            f"{at}.network": f"# As {self.path} says of {self.card}, which is its port.\n[Match]\nName={bridge}\n\n{body}\n",
            f"{at}-port.network": f"[Match]\nName={self.card}\n\n[Link]\nMTUBytes={mtu}\n\n[Network]\nBridge={bridge}\nLinkLocalAddressing=no\n",
        }


wanted = ipaddress.ip_address(given.split("%")[0])
address = str(getattr(wanted, "ipv4_mapped", None) or wanted)
if os.path.exists(f"/sys/class/net/{bridge}"):
    refuse("is no bridge, and has its name; rename it, or name another bridge in hypervisors[].bridge")
link = card_with(address)
card = link["ifname"]
if fields(f"/run/NetworkManager/devices/{link['ifindex']}").get("managed") == "true":
    refuse(f"NetworkManager has {card}; nmcli connection add type bridge con-name {bridge} ifname {bridge}, then give it the addresses of {card} and {card} as a port")
found = [one for one in (Ifupdown(card, link), Networkd(card, link)) if one.is_found]
if len(found) != 1:
    who = "both ifupdown and systemd-networkd have" if found else "neither ifupdown (/etc/network/interfaces) nor systemd-networkd has"
    refuse(f"{who} {card}, and one has to keep the bridge over a restart; {BY_HAND}")
[manager] = found
files = manager.plan()
if directory != "-":
    top = pathlib.Path(directory)
    for path, text in files.items():
        new, old = (top / part / path[1:] for part in ("new", "old"))
        for place in new, old:
            place.parent.mkdir(parents=True, exist_ok=True)
        new.write_text(text)
        if os.path.exists(path):
            shutil.copy(path, old)
    boot = pathlib.Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    # What others have added to the card, such as keepalived, has to be on the bridge as well.
    kept = {one["local"] for one in link["addr_info"] if one["family"] == "inet"} | {address}
    (top / "addresses").write_text("".join(f"{one}\n" for one in sorted(kept)))
    (top / "files").write_text("".join(f"{path[1:]}\n" for path in files))
    (top / "plan").write_text(f"{type(manager).__name__.lower()} {bridge} {card} {address} {boot}\n")
