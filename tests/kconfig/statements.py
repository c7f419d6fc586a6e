"""Hand-written Kconfig statements that trees.py mixes in: what a random generator would hardly write."""

# Each is complete in itself.
STATEMENTS = [
    "SIMPLE := $(ENVIRONMENT) simple   \nLATE = $(SIMPLE)-$(1)\nSIMPLE += more\nLATE += $(2)",
    "$(info,information $(filename):$(lineno))",
    "$(warning-if,y,a warning)\n$(error-if,n,no error)",
    'join = $(1)-$(2)$(3)\nconfig M_$(join,A,B)\n\tstring "$(join,x, y,z)"\n\tdefault "$(shell,printf \'a\\nb\\n\\n\')"',
    "yes := y\nconfig M_TRUTH\n\tdef_bool $(yes)\nconfig M_COUNT\n\tint\n\tdefault $(shell,echo 42)",
    'comma := ,\nconfig M_COMMA\n\tstring\n\tdefault "$(join2,a$(comma)b)$(comma)"\n\njoin2 = <$(1)>',
    '\\\n\nconfig M_CONTINUED\n\tbool \\\n\t"continued" \\\n\tif y\n\tdepends on \\\n\t\ty # comment',
    "config M_QUOTES\n\tstring 'single \"double\" quotes'\n\tdefault 'it\\'s \\\\ \"x\"'",
    'config M_UNSUPPORTED @\n\tbool "unsupported" &\n\tdefault y',
    'config\tM_HELP\n\tbool "help ends early"\n\thelp\n\t  text\n\t  more\n comment "after a dedent"',
    "$(UNSET)",
    'comment "depth $(filename)"',
    'if 1 = 1\nconfig M_ONE\n\tdef_bool 0x10 = "0x10"\nendif',
    'config M_NOTYPE\n\tprompt "no type"',
]

# Each makes the whole tree invalid; both programs must refuse it, and say the same before they do.
BROKEN_STATEMENTS = [
    "$(error-if,y,stop here)",
    "config",
    "depends on y",
    "endmenu",
    'menu "open"',
    "config M_BAD\n\tfrobnicate y",
    'source "nowhere"',
    'config M_OPEN\n\tbool "open $(unterminated"',
    "RECURSIVE = $(RECURSIVE)\n$(info,$(RECURSIVE))",
    'choice\n\tprompt "x"\nmenu "y"\nendmenu\nendchoice',
    "config M_BAD\n\tdepends on (y",
    "config M_BAD\n\tdepends y",
    "$(info)",
    "$(shell,a,b)",
    'mainmenu "late"',
    "config M_LAST\n\thelp\n\t  x\nAFTER = help",
    "config M_BAD\n\tbool prompt",
    "if\nendif",
    "endif",
    "config M_BAD\n\trange 1\n",
    "source unquoted",
    'config "M_QUOTED"\n\tbool',
]
