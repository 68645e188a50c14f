# 何かが終わる、または終わったページ。

expired = ページの<wbr>有効期限が<wbr>切れました
    .title = ページの期限が切れました
    .what = サインインには時間の制限があり、使えるのは最新のページだけです。失われたものも、送られたものもありません。
    .continue = 続きから再開
    .restart = 最初からやり直す
    .nowhere = アプリに戻り、そこからもう一度サインインしてください。

info-already-signed-in = { SPACED($realm) }に<wbr>サインイン済みです
    .title = サインイン済み
    .what = 別のウィンドウでサインインが終わりました。
    .continue = 続ける
info-signed-out = { SPACED($realm) }から<wbr>サインアウト<wbr>しました
    .title = サインアウトしました
    .what = アプリによっては、独自のセッションが残ります。共用のコンピューターでは、アプリからもサインアウトしてください。
    .continue = アプリに戻る
info-close = このページは閉じてかまいません。

logout = { SPACED($realm) }から<wbr>サインアウト<wbr>しますか
    .title = サインアウトしますか
    .submit = サインアウト
    .stay = このまま続ける
logout-from = <b>{ SPACED($client) }</b>がサインアウトを求めています。
    .host = <b>{ $client }</b>（{ $host }）がサインアウトを求めています。
logout-signed-in = このブラウザーでは <b>{ $username }</b> としてサインインしています。

form-post = アプリに<wbr>戻ります
    .title = アプリに戻ります
    .what = 回答は、ここへ案内したアプリに送られます。何も起きない場合は、ボタンを使ってください。
    .continue = 続ける
