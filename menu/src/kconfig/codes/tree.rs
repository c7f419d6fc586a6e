//! Codes of messages about the tree that the files make.

super::codes! {
    RECURSIVE_DEPENDENCY = 301, Error, "a recursive dependency", "\
The value of a symbol depends on itself, so it cannot be calculated. The notes are the links of the loop, in order:

    config A                         symbol A depends on B
            bool \"a\"                 symbol B is selected by A
            depends on B
            select B

Every mention counts: dependencies (also those of an `if` or `menu` around an entry), conditions of prompts, defaults
and ranges, values of defaults, and `select` and `imply` from elsewhere. The members of a choice count as one, because
the value of each decides the others. Break the loop at its weakest link: often a `select` should be a `depends on`,
or the reverse, so that all entries point in one direction.";

    MEMBER_TYPE = 302, Error, "a member of a choice that is not bool", "\
Each entry of a choice is one of the alternatives, `y` or `n`, and so must be `bool`:

    choice
            prompt \"Network stack\"
    config NET_SMOLTCP
            bool \"smoltcp\"
    config NET_SOCKETS
            int \"Sockets\"            # an alternative to NET_SMOLTCP?
    endchoice

An option that belongs to a member stands below that member and depends on it (`depends on NET_SMOLTCP`): it is then
shown with the member and is no alternative. This is how a micro-library brings its options into the choice of its slot.";

    MEMBER_PROMPT = 303, Error, "a member of a choice without a prompt", "\
Each entry of a choice is an alternative that people choose by its prompt, and this one has none:

    choice
            prompt \"Scheduler\"
    config SCHED_RR
            bool                     # bool \"Round robin\"
    endchoice

Give it a prompt. A symbol that only follows from others belongs outside the choice.";

    CHOICE_PROMPT = 304, Error, "a choice without a prompt", "\
A choice is entered by its prompt, and this one has none:

    choice
            prompt \"Scheduler\"
            default SCHED_RR

Add `prompt`. A choice with a name may be continued elsewhere (`choice NAME`); only its first part needs the prompt.";

    MEMBER_DEFAULT = 305, Error, "a member of a choice with a default", "\
A member of a choice has a `default` of its own, here or at another definition. Which member is chosen is for the
choice to say, otherwise two members could both claim it:

    choice
            prompt \"Scheduler\"
            default SCHED_RR         # here
    config SCHED_RR
            bool \"Round robin\"
            default y                # not here
    endchoice

A choice may have several defaults with conditions; the first whose condition holds and whose member is visible counts.";

    MEMBER_ELSEWHERE = 306, Error, "a member of a choice has a prompt elsewhere", "\
A symbol is a member of a choice and has a prompt at another place, too. People could set it there without choosing it,
which a choice does not allow:

    choice
            prompt \"Scheduler\"
    config SCHED_RR
            bool \"Round robin\"
    endchoice
    config SCHED_RR
            bool \"Round robin, too\"

Remove the prompt outside of the choice. Other attributes (`select`, `depends on`) may stay there.";

    TRANSITIONAL_ATTRIBUTE = 307, Error, "a transitional symbol with more than type and help", "\
A `transitional` symbol is an old name: its value may stand in an old `.config`, from where a new symbol takes it as its
default, and it is never written again.

    config OLD_NAME
            bool
            transitional
    config NEW_NAME
            bool \"new\"
            default OLD_NAME

So it has a type and perhaps a help text and nothing else: no prompt, default, range, select, and no dependencies, not
even those of a menu around it. Put them into the symbol that replaces it.";

    DEPENDENCIES_TOO_DEEP = 308, Error, "dependencies are too deep", "\
An entry depends on what it says and on what every block around it says. Together this is more than 1,000 operators
under each other. Such trees come from programs that write Kconfig files: blocks within blocks within blocks, or a symbol
that is defined a thousand times with different dependencies. Give parts of the condition names:

    config ANY_NIC
            def_bool NIC_1 || NIC_2 || …";

    NO_TYPE = 350, Warning, "a symbol without a type", "\
A symbol is defined, and no definition says whether it is `bool`, `tristate`, `int`, `hex` or `string`. It has no value
then, is never written, and counts as `n` in conditions:

    config NET
            prompt \"Networking\"      # add `bool`

Add the type, most simply together with the prompt: `bool \"Networking\"`.";

    DEFAULT_EXPRESSION = 351, Warning, "an expression as the default of a number or text", "\
The default of an `int`, `hex` or `string` is a number, a text in quotes, or another symbol whose value is taken. It
cannot be calculated, so this default counts as none:

    config SOCKETS
            int \"Sockets\"
            default A && B           # default 64 if A && B

Put the condition behind `if`, and write one `default` for each case; the first whose condition holds counts.";

    INVALID_NUMBER = 352, Warning, "a default that is no number", "\
The default of an `int` or `hex` is neither a number of that type nor a symbol of type int or hex. It is used as it
stands, and whoever reads the `.config` will stumble over it:

    config SOCKETS
            int \"Sockets\"
            default 0x40             # default 64

An int is decimal, perhaps with `-` before it, and has no zeros in front; a hex is hexadecimal digits, with or without
`0x`. A name that nothing defines is read as a text, so a misspelt symbol is reported here, too.";

    DEFAULT_OUTSIDE_CHOICE = 353, Warning, "the default of a choice is not in it", "\
The `default` of a choice names a symbol that is no member of the choice, so it is never chosen by it:

    choice
            prompt \"Scheduler\"
            default SCHED_RROBIN     # SCHED_RR
    config SCHED_RR
            bool \"Round robin\"
    endchoice

Write the name of a member, without quotes. An entry that depends on a member is no member itself.";

    SELECT_BY_VALUE = 354, Warning, "select in a symbol that is not bool or tristate", "\
`select` and `imply` raise another symbol to the value of this one, and only `y` and `m` can be passed on. A number or
text selects nothing:

    config SOCKETS
            int \"Sockets\"
            select NET               # depends on NET

Use `depends on`, or a bool in between: `config HAS_SOCKETS`, `def_bool SOCKETS > 0`, `select NET`.";

    SELECT_OF_VALUE = 355, Warning, "select of a symbol that is not bool or tristate", "\
`select` and `imply` raise a bool or tristate. Their target here is a number or text, on which they have no effect:

    config SERVER
            bool \"Server\"
            select SOCKETS           # an int

Give the target a default with a condition instead: in `config SOCKETS`, `default 256 if SERVER`.";

    RANGE_TYPE = 356, Warning, "a range on a symbol that is no number", "\
`range LOW HIGH` limits the value of an `int` or `hex`. On a symbol of another type it has no effect:

    config BANNER
            string \"Banner\"
            range 1 80

Remove the line. If the symbol is meant to be a number, correct its type.";

    INVALID_RANGE = 357, Warning, "an end of a range is no number", "\
The ends of a `range` are numbers of the symbol's type or symbols of type int or hex. What is neither counts as 0, so
the range is not what it seems:

    config SOCKETS
            int \"Sockets\"
            range 1 MAX_SOKETS       # a name that nothing defines

Correct the name or the number; an int is decimal, a hex may begin with `0x`.";

    BOOL_TESTED_FOR_M = 358, Warning, "a bool is compared with m", "\
`m` (a module) is a value of tristate symbols only. A bool is compared with it here, which has the same result always:
`A = m` never holds and `A != m` always does.

    config A
            bool \"a\"
    config B
            bool \"b\"
            depends on A = m         # never

Compare it with `y` or `n`, write `A` or `!A`, or make the symbol `tristate`.";

    NUMBER_WITHOUT_DEFAULT = 359, Warning, "a number without a default", "\
An `int` or `hex` has a prompt and no default. Until somebody sets it, it is 0 or 0x0, or the nearest end of its range,
which is rarely what its author would choose:

    config SOCKETS
            int \"Sockets\"            # default 64

Add a `default` that works for most. Kconfiglib leaves such a symbol without a value; Linux and kit use the 0.";
}
