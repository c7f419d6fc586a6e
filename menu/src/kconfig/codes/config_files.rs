//! Codes of messages about `.config` files.

super::codes! {
    UNEXPECTED_DATA = 401, Warning, "a line of a .config is no assignment", "\
A line of a `.config` is empty, a comment, or an assignment:

    CONFIG_NET=y
    # CONFIG_NET is not set

An assignment begins with `CONFIG_` in the first column, has no blank before `=`, and the second form says exactly
`is not set`. Other lines are skipped. Often the name lacks its `CONFIG_`, or two files were joined with the marks
of a merge conflict in them.";
    INVALID_VALUE = 402, Warning, "a value in a .config is not of the symbol's type", "\
The line is skipped: the symbol has the value that it would have without it. A bool is `y` or `n`, a tristate also
`m`, an int decimal digits without a leading 0 (`-` before them if need be), a hex hexadecimal digits with or
without `0x`. A bool that is off may also be written `# CONFIG_X is not set`.

Perhaps the type has changed since the file was written; `kit config why X` tells the type and the range.";
    OPEN_STRING = 403, Warning, "a string in a .config is not closed", "\
The line is skipped. A string stands in double quotes on one line; a quote or a backslash inside it has a backslash
before it:

    CONFIG_MOTTO=\"say \\\"hello\\\"\"";
    REASSIGNED = 404, Warning, "a symbol is assigned twice in a .config", "\
The last assignment counts. This is usual where a fragment is appended to a `.config`; else remove the others.

    CONFIG_SOCKETS=64
    CONFIG_SOCKETS=128         # this one";
    UNKNOWN_SYMBOL = 405, Warning, "a name in a .config is in no Kconfig file", "\
The line has no effect, and is gone when the configuration is written. The name is mistyped, or the symbol has been
renamed or removed, or belongs to another project or version. For a renamed symbol, the Kconfig file can say
`transitional` in an entry of the old name and `default OLD_NAME` in that of the new one.

`KCONFIG_WARN_UNKNOWN_SYMBOLS=1 KCONFIG_WERROR=1` makes it an error of `kit kconfig conf`.";
    UNDEFINED_SYMBOL = 406, Warning, "a name in a .config is defined by no Kconfig file", "\
Some Kconfig file refers to the symbol, for example in `depends on`, but none defines it with a type, so it has no
value. Perhaps it belongs to another architecture whose files are not sourced.";
    UNQUOTED_STRING = 407, Warning, "a string in a .config has no quotes", "\
The line has no effect, here as in Linux: the symbol keeps its default. Write the value in double quotes.";
}
