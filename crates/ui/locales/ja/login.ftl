login-title = サインイン
    .failed = サインインできませんでした
    .locked = サインインを休止しています
login-question = { SPACED($realm) }に<wbr>サインイン

login-from = <b>{ SPACED($client) }</b>からの依頼です。サインインの後、そちらに戻ります。
    .host = <b>{ $client }</b>（{ $host }）からの依頼です。サインインの後、そちらに戻ります。

login-username = ユーザー名またはメールアドレス
login-password = パスワード
login-remember = サインインしたままにする
login-submit = サインイン

# 名前がない場合もパスワードが違う場合も、同じ文にする。
login-mismatch = 名前とパスワードが一致しません。
    .advice = 両方を確かめて、もう一度入力してください。
    .field = この名前と組み合わせて使えません。
login-missing-field = 名前とパスワードの両方が必要です。
    .advice = 空の欄に入力して、サインインしてください。
    .field = 空です。入力してください。
login-account-problem = パスワードは正しいものの、このアカウントではサインインできません。
    .advice = 無効になっているか、新しいパスワードなどの設定が終わっていません。管理者に問い合わせてください。
login-reauthenticate = もう一度サインインしてください。
    .advice = ご本人であることを、アプリが確かめようとしています。

login-locked = この名前でのサインインは { $until } UTC まで<wbr>休止しています
    .why = パスワードの間違いが続きました。推測による侵入を防ぐため、正しいパスワードでも { $until } UTC まではサインインできません。
    .rule = ブルートフォースの検出
    .same = アカウントの有無にかかわらず、同じ画面を表示します。
    .again = もう一度、または別の名前でサインイン
login-locked-can = できること
    .wait = { $until } UTC まで待ってから、もう一度サインインします。
    .report = 心当たりがない場合は、管理者に伝えてください。
