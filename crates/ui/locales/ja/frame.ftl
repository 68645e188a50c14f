# どのページにも共通の部分。

frame-skip = 本文へ移動
frame-languages = 言語
frame-guarded = Sekisho が守っています

rule = 規則
