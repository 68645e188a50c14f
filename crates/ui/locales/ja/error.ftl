# 何が起きたか、どの規則か、どうすればよいか。読む人ごとに文を分ける。
# .anyone（全員）、.starter（自分で始めた人）、.follower（リンクから来た人）、
# .operator（クライアントの運用者）、.administrator（レルムの管理者）。

error-rule = どの規則か
    .asked = 要求
    .registered = 登録済み
    .detail = 詳細
error-do = どうすればよいか
    .starter = ご自分で始めた場合：
    .follower = リンクから来た場合：
    .operator = クライアントの運用者：
    .administrator = { SPACED($realm) }の管理者：
error-reference = 問い合わせ用の参照番号
    .copy = コピー
    .copied = コピー済み
# 名前のないクライアント。
error-client = クライアント

error-client-unknown = この要求を<wbr>止めました
    .title = 不明なクライアント
    .what = { SPACED($realm) }に登録されていないクライアントからの要求です。情報は送られていません。
    .rule = 要求を出せるのは、ここに登録されているクライアントに限ります。
    .starter = このページを閉じ、アプリからもう一度接続してください。
    .follower = そのリンクは二度と使わないでください。
    .operator = <code>client_id</code> と、アドレスにあるレルムを確かめてください。

error-client-disabled = このクライアントは<wbr>停止中です
    .title = 停止中のクライアント
    .what = { SPACED($client) }は{ SPACED($realm) }の管理者が無効にしています。情報は送られていません。
    .rule = 無効なクライアントは要求を出せません。
    .starter = 使ってよいかどうかを管理者に確かめてください。
    .administrator = 「Clients」でクライアントを有効にしてください。

error-redirect-uri-missing = この要求を<wbr>止めました
    .title = 要求を止めました
    .what = { SPACED($client) }が、回答の送り先を示していません。情報は送られていません。
    .rule = 登録がちょうど 1 件の場合を除き、要求はリダイレクト先を示す必要があります。
    .starter = このページを閉じ、アプリからもう一度接続してください。
    .operator = <code>redirect_uri</code> を送ってください。

error-redirect-uri-unregistered = この要求を<wbr>止めました
    .title = 要求を止めました
    .what = { SPACED($client) }が、登録されていないアドレスへの送信を求めました。情報は送られていません。
    .rule = リダイレクト先は、クライアントが登録したものに限ります。
    .starter = このページを閉じ、アプリからもう一度接続してください。
    .follower = そのリンクは二度と使わないでください。
    .operator = アドレスを登録するか、要求を直してください。

error-parameter-repeated = この要求を<wbr>止めました
    .title = 要求を止めました
    .what = { SPACED($client) }が、パラメーター <code>{ $parameter }</code> を 2 回以上送りました。情報は送られていません。
    .rule = パラメーターは、それぞれ 1 回に限ります。
    .starter = このページを閉じ、アプリからもう一度接続してください。
    .follower = そのリンクは二度と使わないでください。
    .operator = パラメーターをそれぞれ 1 回だけ送ってください。

error-request-invalid = この要求を<wbr>止めました
    .title = 要求を止めました
    .what = { SPACED($client) }の要求は、標準に沿っていません。情報は送られていません。
    .rule = 要求には、標準が求めるものがすべて必要です。
    .starter = このページを閉じ、アプリからもう一度接続してください。
    .operator = 要求を直してください。場所は上の詳細にあります。

error-realm-unknown = このアドレスに<wbr>レルムは<wbr>ありません
    .title = 不明なレルム
    .what = アドレスにあるレルムは、このサーバーにありません。
    .anyone = アドレスを確かめるか、アプリからやり直してください。
    .operator = アドレスにあるレルムを、伝えられた発行者と比べてください。

error-realm-disabled = { SPACED($realm) }は<wbr>停止中です
    .title = { SPACED($realm) }は停止中です
    .what = 管理者が無効にしています。誰もサインインできず、情報は送られていません。
    .starter = いつ再開するかを管理者に確かめてください。
    .administrator = 「Realm settings」で有効にしてください。

error-policy-refused = この要求を<wbr>止めました
    .title = 要求を止めました
    .what = { SPACED($client) }は{ SPACED($realm) }の安全規則を満たしていません。情報は送られていません。
    .rule = { SPACED($realm) }は、標準より多くのことをクライアントに求めます。
    .starter = このページをアプリの運用者に見せてください。
    .operator = 要求を直してください。場所は上の詳細にあります。
    .administrator = 参照番号から、拒否したポリシーが分かります。

error-logout-redirect-unregistered = このサインアウトを<wbr>止めました
    .title = サインアウトを止めました
    .what = { SPACED($client) }が、登録されていないアドレスへの移動を求めました。サインアウトはしていません。
    .rule = サインアウト後の移動先は、クライアントが登録したものに限ります。
    .starter = アプリからもう一度サインアウトしてください。
    .follower = そのリンクは二度と使わないでください。
    .operator = 「Valid post logout redirect URIs」にアドレスを登録してください。

error-not-found = このアドレスに<wbr>ページは<wbr>ありません
    .title = ページがありません
    .what = アドレスが間違っているか、ページがなくなっています。
    .anyone = アドレスを確かめるか、アプリからやり直してください。

error-too-many-requests = 一度に届いた<wbr>要求が<wbr>多すぎます
    .title = 要求が多すぎます
    .what = お使いのネットワークから短い間に届いた要求が、上限を超えました。失われたものはありません。
    .rule = 誰かがほかの人を締め出せないように、要求の数を制限しています。
    .anyone = 1 分ほど待って、もう一度お試しください。

error-unavailable = 今は<wbr>応答できません
    .title = 応答できません
    .what = { SPACED($realm) }の一部が応答しません。失われたものも、送られたものもありません。
    .anyone = 1 分ほど待って、もう一度お試しください。
    .administrator = 参照番号から、ログにある原因が分かります。
