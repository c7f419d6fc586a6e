//! Codes of messages about macros, and from them.

super::codes! {
    UNTERMINATED_MACRO = 201, Error, "a reference is not closed", "\
`$(` has no matching `)` on its line. Parentheses are counted, those in texts, too, and a reference cannot go on in
the next line, not even after a backslash:

    default $(shell,echo \")\"       # one parenthesis closes the other

A lonely parenthesis is passed through a variable: `close := )`, then `$(close)`.";

    RECURSIVE_VARIABLE = 202, Error, "a variable refers to itself", "\
The value of a variable that is assigned with `=` is expanded whenever the variable is used. Here that leads back to
the variable itself; the notes show the way:

    A = $(B)
    B = $(A)

Assign one of them with `:=`, which expands the value once, at the assignment. To add to a variable, write `A += more`
in place of `A = $(A) more`. A function may call itself if it passes arguments.";

    WRONG_ARGUMENTS = 203, Error, "wrong number of arguments", "\
A built-in function was called with too few or too many arguments, or any function with more than 16. Arguments are
separated by commas, and every comma outside parentheses separates:

    $(warning-if,y,one, two)         # three arguments

shell and info take one, error-if and warning-if two (a condition and a text), filename and lineno none. A comma in an
argument is passed through a variable: `comma := ,` and `$(warning-if,y,one$(comma) two)`.";

    ERROR_IF = 204, Error, "$(error-if) says", "\
The Kconfig file itself refuses to go on: it calls `$(error-if,CONDITION,TEXT)` and the condition is `y`. The text is
the author's. Such lines check what the rest relies on, a compiler's version for instance:

    $(error-if,$(failure,command -v $(LD)),linker '$(LD)' not found)

Do what the text says; the line shows which condition was checked.";

    SHELL_FAILED = 205, Error, "a command could not be started", "\
`$(shell,COMMAND)` runs a command with /bin/sh, and not even the shell could be started. (A command that fails is no
error: what it printed counts, and its exit code does not.) The reason that the system gives is in the message: there
may be no /bin/sh here, no process left, or commands may be forbidden for files that nobody vouches for.";

    EXPANSION_TOO_LARGE = 206, Error, "an expansion does not end", "\
The macros of this tree call each other more than 1,000 times within each other, or expand to more than 16 MiB. A
function that calls itself needs a case in which it does not:

    f = $(f,$(1)x)                   # calls itself for ever

A variable that holds another one twice, which holds the next one twice, and so on, doubles with each step. Look for
such a chain, beginning with the macro that the message shows.";

    WARNING_IF = 250, Warning, "$(warning-if) says", "\
The Kconfig file calls `$(warning-if,CONDITION,TEXT)` and the condition is `y`. The text is the author's, and reading
goes on:

    $(warning-if,$(failure,command -v pahole),pahole is missing: no type information will be written)

Do what the text says, or ignore it.";

    UNKNOWN_FUNCTION = 251, Warning, "unknown function", "\
`$(NAME,ARGUMENT)` calls a function that nothing defines, so the call stands for nothing at all. Functions are
variables, and must be assigned before they are used:

    success = $(shell,if $(1) >/dev/null 2>&1; then echo y; else echo n; fi)
    default $(sucess,command -v clang)      # did you mean `success`?

Correct the name, or source the file that defines the function first. Names without arguments are not reported,
because they may be environment variables that are not set.";

    UNSET_VARIABLE = 252, Warning, "an environment variable is not set", "\
`option env=\"NAME\"` gives a symbol the value of an environment variable, and there is none of that name, so the symbol
has no value from there:

    config ARCH
            string
            option env=\"ARCH\"

Set the variable (`ARCH=x86 kit …`), or give the symbol another `default` for when it is not set.";

    INFO = 290, Info, "$(info) says", "\
The Kconfig file calls `$(info,TEXT)`, which prints the text each time the file is read. It is no complaint, and
nothing follows from it. Authors use it to look into their macros:

    $(info,the compiler is $(CC))

Remove the line if the text is no longer wanted.";
}
