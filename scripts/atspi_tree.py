#!/usr/bin/env python3
"""A small screen reader for tests: reads the windows on the accessibility bus (AT-SPI) and acts on them.

usage: atspi_tree.py, on a session bus of its own (dbus-run-session)

Reads commands from standard input, a line of JSON each, and answers each with a line of JSON:

  {"do": "tree"}                           -> {"nodes": [{"id", "role", "name", "states", "actions", "value", ...}]}
  {"do": "press", "id": ID}                -> {"done": true}
  {"do": "set", "id": ID, "value": NUMBER} -> {"done": true}
  {"do": "heard"}                          -> {"announcements": [...]} since it was asked last

What fails is answered with {"error": words}. It speaks D-Bus through python3-gi and needs at-spi2-core, nothing else.
"""

import json
import sys

from gi.repository import Gio, GLib

ACCESSIBLE = "org.a11y.atspi.Accessible"
PROPERTIES = "org.freedesktop.DBus.Properties"
# By at-spi2-core's atspi-constants.h; of the states, their places in the set.
STATES = {4: "checked", 8: "enabled", 11: "focusable", 12: "focused", 24: "sensitive", 25: "showing", 30: "visible"}
ROLES = {
    23: "frame",
    29: "label",
    42: "progress bar",
    43: "push button",
    51: "slider",
    52: "spin button",
    62: "toggle button",
    75: "application",
}
TIMEOUT_MS = 5_000


class Reader:
    def __init__(self):
        session = Gio.bus_get_sync(Gio.BusType.SESSION)
        # Asking for the bus starts it; programs build their trees once a reader says that it is there.
        for flag in ("IsEnabled", "ScreenReaderEnabled"):
            arguments = GLib.Variant("(ssv)", ("org.a11y.Status", flag, GLib.Variant("b", True)))
            session.call_sync("org.a11y.Bus", "/org/a11y/bus", PROPERTIES, "Set", arguments, None, 0, TIMEOUT_MS)
        reply = session.call_sync(
            "org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress", None, None, 0, TIMEOUT_MS
        )
        flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
        self.bus = Gio.DBusConnection.new_for_address_sync(reply.unpack()[0], flags)
        self.announcements = []
        self.registry = ("org.a11y.atspi.Registry", "/org/a11y/atspi/accessible/root")
        self.listen()

    def listen(self):
        # Programs emit only those events for which somebody has registered.
        arguments = GLib.Variant("(sass)", ("object:announcement", [], ""))
        interface = "org.a11y.atspi.Registry"
        self.bus.call_sync(
            "org.a11y.atspi.Registry", "/org/a11y/atspi/registry", interface, "RegisterEvent", arguments, None, 0, -1
        )

        def hear(_bus, _sender, _path, _interface, _signal, parameters):
            self.announcements.append(parameters.unpack()[3])

        self.bus.signal_subscribe(
            None, "org.a11y.atspi.Event.Object", "Announcement", None, None, Gio.DBusSignalFlags.NONE, hear
        )

    def call(self, node, interface, method, arguments=None):
        reply = self.bus.call_sync(node[0], node[1], interface, method, arguments, None, 0, TIMEOUT_MS)
        return reply.unpack()

    def property(self, node, interface, name):
        return self.call(node, PROPERTIES, "Get", GLib.Variant("(ss)", (interface, name)))[0]

    def tree(self):
        nodes = []
        waiting = list(reversed(self.call(self.registry, ACCESSIBLE, "GetChildren")[0]))
        while waiting:
            node = waiting.pop()
            try:
                nodes.append(self.describe(node))
                waiting.extend(reversed(self.call(node, ACCESSIBLE, "GetChildren")[0]))
            except GLib.Error as error:
                # What was there a moment ago may be gone.
                if "UnknownObject" not in error.message:
                    raise
        return {"nodes": nodes}

    def describe(self, node):
        low, high = self.call(node, ACCESSIBLE, "GetState")[0]
        bits = low | high << 32
        found = {
            "id": list(node),
            "role": self.role(node),
            "name": self.property(node, ACCESSIBLE, "Name"),
            "states": [name for place, name in STATES.items() if bits >> place & 1],
            "actions": [],
        }
        interfaces = self.call(node, ACCESSIBLE, "GetInterfaces")[0]
        if "org.a11y.atspi.Action" in interfaces:
            found["actions"] = [action[0] for action in self.call(node, "org.a11y.atspi.Action", "GetActions")[0]]
        if "org.a11y.atspi.Value" in interfaces:
            for key, name in (("value", "CurrentValue"), ("minimum", "MinimumValue"), ("maximum", "MaximumValue")):
                found[key] = self.property(node, "org.a11y.atspi.Value", name)
        return found

    def role(self, node):
        number = self.call(node, ACCESSIBLE, "GetRole")[0]
        return ROLES.get(number, str(number))

    def obey(self, command):
        what = command["do"]
        if what == "tree":
            return self.tree()
        if what == "press":
            done = self.call(command["id"], "org.a11y.atspi.Action", "DoAction", GLib.Variant("(i)", (0,)))[0]
            return {"done": done}
        if what == "set":
            value = GLib.Variant("d", float(command["value"]))
            arguments = GLib.Variant("(ssv)", ("org.a11y.atspi.Value", "CurrentValue", value))
            self.call(command["id"], PROPERTIES, "Set", arguments)
            return {"done": True}
        if what == "heard":
            context = GLib.MainContext.default()
            while context.pending():
                context.iteration(False)
            heard, self.announcements = self.announcements, []
            return {"announcements": heard}
        raise ValueError(f"unknown command: {what}")


def main():
    reader = Reader()
    for line in sys.stdin:
        try:
            answer = reader.obey(json.loads(line))
        except (GLib.Error, ValueError, KeyError) as error:
            answer = {"error": str(error)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
