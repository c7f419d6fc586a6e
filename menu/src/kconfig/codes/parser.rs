//! Codes of messages about the text of Kconfig files.

super::codes! {
    UNKNOWN_STATEMENT = 101, Error, "unknown statement", "\
A line begins with a word that is no keyword and that assigns no variable. Most often a keyword is misspelt:

    config NET
            bool \"Networking\"
            defualt y

The message names the nearest keyword (`default`). Two other causes: the entry above ended earlier than it looks
(a help text ends at the first line that is indented less than its first one, so the rest of a text that was not
indented is read as statements), and a macro made the word: `$(kind) \"Networking\"` cannot stand for `bool`,
because what a macro makes is never a keyword.";

    MISSING_END = 102, Error, "a block is not closed", "\
An `if`, `menu` or `choice` has no `endif`, `endmenu` or `endchoice`. A block must be closed in the file in which
it begins, and blocks close in the reverse of their order:

    menu \"Network\"
    if NET
    endmenu            # the `if` is still open

The message points at the beginning of the block that is open. Add its end before the end of the block around it.";

    UNEXPECTED_END = 103, Error, "an end without its beginning", "\
There is an `endif`, `endmenu` or `endchoice`, and no block of that kind is open:

    menu \"Network\"
    endif              # did you mean `endmenu`?

If another kind of block is open the message shows the innermost one. Write its end, or remove the line.";

    END_IN_OTHER_FILE = 104, Error, "a block begins and ends in different files", "\
A sourced file closes a block that the file which sources it has opened. `source` is no copy of text: each file
must hold whole blocks.

    # Kconfig                  # net/Kconfig
    if NET                     config TCP
    source \"net/Kconfig\"               bool \"TCP\"
                               endif           # belongs into Kconfig, below `source`

Move the end into the file where the block begins.";

    UNEXPECTED_TOKEN = 105, Error, "something else is expected here", "\
A statement goes on with something that it cannot have there. The message says what is expected and what is found.
The usual causes are a missing pair of quotes (prompts, titles and the paths of `source` are written \"in quotes\"),
`depends NET` for `depends on NET`, and two statements on one line:

    bool Networking            # bool \"Networking\"
    depends NET                # depends on NET
    select LIBC FUTEX          # one `select` a line";

    MISPLACED_ATTRIBUTE = 106, Error, "an attribute where it has no meaning", "\
Lines such as `default`, `depends on` and `help` belong to the entry above them, and that entry cannot have this
one: a `menu` has no `default`, a `choice` selects nothing, a `comment` has no help.

    menu \"Network\"
            default y          # which symbol would it be the default of?

Or there is no entry above, because an `endif`, a `source` or an assignment came between: an entry ends with the
first line that is not one of its attributes. Move the line to the entry that it is about.";

    MISPLACED_STATEMENT = 107, Error, "a statement where it is not allowed", "\
`mainmenu` names the whole tree and must be the first statement of the top file. A `choice` holds alternatives, so
it cannot hold a `menu` or another `choice`; it can hold `config`, `comment`, `if` and `source`:

    choice
            prompt \"Scheduler\"
    menu \"Fair ones\"           # a choice is one flat list
    endmenu
    endchoice

Close the choice first, or make the inner entries plain members of it.";

    INVALID_EXPRESSION = 108, Error, "an expression cannot be read", "\
Expressions are made of symbols and texts in quotes, compared with `=`, `!=`, `<`, `<=`, `>` or `>=` and joined with
`!`, `&&`, `||` and parentheses. A comparison has one symbol on each side, never an expression:

    depends on (A || B) = y    # A = y || B = y
    depends on A = B = C       # A = B && B = C
    depends on (A && B         # the parenthesis is not closed

An expression ends with its line; a backslash at the end of the line continues it.";

    MISSING_FILE = 109, Error, "a file cannot be found", "\
`source` names a file that does not exist, or a pattern that no file matches. A path is looked up from the working
folder and then from the folder in the environment variable `srctree`; `rsource` looks beside the file that it stands
in. Variables are written `$(NAME)`:

    source \"arch/$ARCH/Kconfig\"      # source \"arch/$(ARCH)/Kconfig\"

If it is right that the file is missing sometimes, write `osource` or `orsource`: they do without it.";

    UNREADABLE_FILE = 110, Error, "a file cannot be read", "\
The file exists and reading it failed: it is a folder, this user may not read it, or it is larger than 256 MiB. The
reason that the system gives is in the message. Check what the path names (`ls -ld PATH`) and its permissions; a
`source` of a whole folder is written as a pattern, such as

    rsource \"drivers/*/Kconfig\"";

    RECURSIVE_INCLUSION = 111, Error, "a file includes itself", "\
A file sources another one that sources the first, directly or through further files. The notes show the chain of
`source` statements, from the last to the first:

    # Kconfig: source \"net/Kconfig\"
    # net/Kconfig: source \"Kconfig\"

A file cannot be part of itself. Remove one of the statements, or move what both files need into a third.";

    TOO_MANY_FILES = 112, Error, "too many files, or too deep", "\
More than 200 files are sourced within each other, or 100,000 in all. No real tree is near that (Linux opens 1,800
files, eight within each other): the files reach themselves under changing names, through a symbolic link for
instance, or each sources the next one twice. The statement that was one too many is shown with the chain that led
to it; look for the name that comes back.";

    RESERVED_NAME = 113, Error, "a reserved word as a name", "\
A keyword, or one of the values `y`, `m` and `n`, stands where the name of a symbol belongs:

    config default             # a keyword
    depends on help            # a keyword
    config y                   # a value

Names of symbols are usually in capitals, which no keyword is. In an expression a missing operand has the same
effect: in `depends on A && if B` the word after `&&` is `if`.";

    CHOICE_TYPE = 114, Error, "a choice that is not bool", "\
A choice was given the type `tristate`. Linux 6.10 dropped such choices, and without modules they would mean
nothing: exactly one member of a choice is `y` and the others are `n`.

    choice
            tristate \"Scheduler\"       # prompt \"Scheduler\"

Write `prompt` or `bool`. Members that may be on independently of each other are plain `config` entries in a menu.";

    EXPRESSION_TOO_DEEP = 115, Error, "an expression is too deep", "\
More than 1,000 operators lie under each other, be it in one expression, in all `depends on` lines of an entry or in
the `visible if` of all menus around it. Such expressions come from programs that write Kconfig files. Give parts of
them names:

    config ANY_NIC
            def_bool NIC_1 || NIC_2 || …

    config NET
            depends on ANY_NIC";

    SECOND_MODULES = 116, Error, "a second modules symbol", "\
Two symbols have the attribute `modules` (or the old `option modules`). That symbol decides for the whole tree
whether `m` is a value, so there can be one only:

    config MODULES
            bool \"Loadable modules\"
            modules

Remove the attribute from one of the two symbols that the message names.";

    UNKNOWN_OPTION = 117, Error, "unknown option", "\
`option` is an old attribute with four forms: `option env=\"NAME\"` (the value of an environment variable), `option
modules`, `option defconfig_list` and `option allnoconfig_y`. This is none of them.

    config ARCH
            string
            option env=\"ARCH\"          # today: default \"$(ARCH)\"

New files need none: `modules` is an attribute of its own, and `$(NAME)` reads the environment anywhere.";

    TOO_MANY_ERRORS = 118, Error, "too many errors", "\
Twenty errors were reported and reading ended. Repair the first ones and run again: many of the rest are most likely
their consequences, such as every line after a block that was closed too early. If the very first line of a file is
wrong, the file may be no Kconfig file at all; check the `source` statement that opened it.";

    UNSUPPORTED_CHARACTER = 150, Warning, "a character that means nothing is ignored", "\
Outside quotes and help texts a Kconfig file is made of words, quotes and the operators of expressions. Anything else
is skipped, as Linux does, but it is rarely meant:

    default 1.5                # reads as the two words 1 and 5
    depends on A & B           # A && B
    bool “Networking”          # typographic quotation marks

Put texts in straight quotes and write `&&` and `||`. Invisible characters are shown as escapes such as \\u{a0}.";

    UNTERMINATED_TEXT = 151, Warning, "a closing quotation mark is missing", "\
A text that begins with a quotation mark must end with the same one on the same line. The end of the line was taken
for its end, so everything up to there is part of the text:

    bool \"Networking if EXPERT     # the condition is part of the prompt

Add the mark. A quotation mark within the text is written \\\", or the text is put in quotes of the other kind: '…'.";

    EMPTY_HELP = 152, Warning, "help without text", "\
There is nothing but white space after `help`. A help text is indented; a line without any indentation begins the
next entry, even directly below `help` (Linux takes that line for the help text and so loses the entry):

    config A
            bool \"a\"
            help
    config B                   # an entry, not help

Write the text, or remove `help`. If there is a text, indent it.";

    SECOND_HELP = 153, Warning, "an entry has two help texts", "\
An entry has `help` twice, and only the last text is used. Most often two entries were merged, or a line `config …`
between them is missing:

    config A
            bool \"a\"
            help
              What it is.
            help
              When to choose it.

Join the texts into one.";

    NOT_UTF8 = 154, Warning, "a file is not UTF-8", "\
The file has bytes that are no UTF-8, from an older encoding such as Latin-1. They were replaced by a mark, so a
prompt or help text that holds them looks wrong; names and values are not affected, since they are ASCII. Convert the
file once:

    iconv -f latin1 -t utf-8 Kconfig > Kconfig.new && mv Kconfig.new Kconfig";

    MENUCONFIG_WITHOUT_PROMPT = 155, Warning, "menuconfig without a prompt", "\
`menuconfig` makes a menu of a symbol: the symbol's prompt is the title under which the menu is entered. Without a
prompt nobody sees it, and what depends on it stands in the menu around it.

    menuconfig NET
            bool \"Networking\"  # the title

Add the prompt, or write `config` if the symbol is not for people.";

    SECOND_PROMPT = 156, Warning, "an entry has two prompts", "\
An entry has a prompt twice, for instance behind its type and again after `prompt`. The last one is shown, but the
symbol can be changed wherever the condition of either holds.

    config A
            bool \"first\"
            prompt \"second\"

Remove one. To show a symbol in two menus, write a second `config A` there.";

    LEADING_WHITESPACE = 157, Warning, "a prompt begins with white space", "\
The text of a prompt, menu or comment begins with blanks. They are removed: menus indent their entries according to
what depends on what, and blanks of one's own would only disturb that.

    bool \"  IPv6\"              # bool \"IPv6\", with `depends on NET` directly below NET

Remove the blanks; an entry that depends on the one above is indented by itself.";

    TYPE_REDEFINED = 158, Warning, "a symbol has two types", "\
A symbol may be defined several times, but with one type. The first type that the files give it counts and the other
is ignored:

    config CACHE
            bool \"cache\"
    config CACHE
            int \"cache size\"   # still bool; its defaults are read as bool, too

Use the same type in both places, or give the second symbol another name.";
}
