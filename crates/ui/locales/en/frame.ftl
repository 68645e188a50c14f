# What stands around every page.

frame-skip = Skip to content
frame-languages = Language
frame-guarded = Guarded by Sekisho

# Before the name of a rule.
rule = Rule
