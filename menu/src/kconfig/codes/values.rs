//! Codes of messages about values.

super::codes! {
    UNMET_DEPENDENCY = 501, Warning, "a selected symbol's own dependencies do not hold",
"`select` sets its target whatever the target depends on. Here a selected symbol is on while something that it \
needs is off:

    config NET
        bool \"Networking\"
        depends on ALLOC
    config APP
        def_bool y
        select NET          # ALLOC is n

The result may not build or not run. Turn on what the target needs, turn off what selects it, or, in the file, \
let the selecting symbol depend on what its target depends on (or use `imply`, which respects dependencies).";

    VALUE_CLAMPED = 502, Warning, "a value outside its range was replaced",
"A number that was set is outside the range that holds now, so the nearest end of the range is used instead:

    config SOCKETS
        int \"Sockets\"
        range 1 64          # SOCKETS=100 becomes 64

Ranges may depend on other symbols; a value that was inside may be outside after another one has changed. Set a \
value inside the range, or change what the range depends on.";

    VALUE_WITHOUT_EFFECT = 503, Warning, "a value did not take",
"A value was set, and the symbol has another one. The message says why: something that its prompt depends on is \
not there, another symbol selects it, or its dependencies allow only `m`. For example

    NET_SMOLTCP=y did not take: needs NETDEV != none (is none)

Set what it needs, or remove the assignment. `kit config why NAME` shows every condition with its value.";

    CHOICE_CONFLICT = 504, Warning, "several members of a choice were set",
"Exactly one member of a choice is `y`. Here several were set to `y`, or the one that is picked was set to `n`:

    NETDEV_VIRTIO=y
    NETDEV_XEN=y            # set later, so it is picked

Of several, the last one that is visible wins; if all were set to `n`, one is picked all the same. Keep one \
assignment per choice.";

    NO_PROMPT = 505, Warning, "a value of a symbol that has no prompt",
"A symbol without a prompt is computed from others; what a file says about it is not used. The line is \
usually left over from a complete `.config`, and goes away when the configuration is saved. To change the value, \
change what it is computed from: `kit config why NAME` shows that.";
}
