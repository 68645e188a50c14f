consent-title = { SPACED($client) }を許可しますか

# クライアントの呼び方。確認済みの名前か、自称の名前か。
consent-who = { $client }
    .quoted = 「{ $client }」

consent-question =
    .none = { SPACED($client) }に<wbr>あなたの<wbr>アカウントの<wbr>利用を<wbr>許可しますか
    .one = { SPACED($client) }に<wbr>「{ $resource }」⁠の<wbr>利用を<wbr>許可しますか
    .many = { SPACED($client) }に<wbr>サーバー { $count } 個の<wbr>利用を<wbr>許可しますか
consent-signed-in = { SPACED($username) }としてサインイン中
    .switch = 別のアカウントを使う

consent-route = 経路
    .here = ここであなたが決めます
    .account = あなたのアカウント
    .servers = サーバー { $count } 個

consent-asking = 求めている相手
    .name = 名前
    .given-name = 自称の名前
consent-vouched = 確認元
    .document = <b>{ $host }</b> にある文書
    .registered = <b>{ SPACED($realm) }</b>の管理者
    .host-badge = { $host } ホスト確認済み
    .realm-badge = { SPACED($realm) }に登録済み
    .nobody-badge = 名前は未確認
consent-nobody = この名前を保証する人はいません。
    .advice = プログラムが自分で登録し、名前も自分で付けました。名前ではなく下の送り先で判断してください。
    .loopback = プログラムが自分で登録し、名前も自分で付けました。このコンピューターのどのプログラムにもできることです。今、ご自分で始めた操作でなければ拒否してください。
consent-answer = 回答の送り先
    .loopback = このコンピューターのプログラム
consent-server = MCP サーバー
    .several = MCP サーバー
consent-seen = 過去の利用
    .never = あなたは初めて
    .before = 以前に許可しています
consent-started = 今、ご自分で始めた操作ですか？
    .advice = このコンピューターのどのプログラムでも{ SPACED($client) }を名乗れます。心当たりがなければ拒否してください。
consent-technical = 技術情報

consent-may = あなたに代わってできること
    .untick = 不要なものは外してください。
    .account = あなたが誰かを知ること。サインインした名前が渡されます。
consent-always = 常に渡されるもの
consent-scope =
    { $scope ->
       *[profile] 氏名とプロフィール
        [email] メールアドレス
        [address] 住所
        [phone] 電話番号
        [roles] ここで持っているロール
        [offline_access] サインアウト後も接続を続けること
        [organization] 所属する組織
    }
consent-badge =
    .reads = 読み取り
    .acts = 代行
    .irreversible = 取り消し不可

consent-next = この後の流れ
    .host = ブラウザーが <b>{ $host }</b> に移動します。
    .loopback = このコンピューターの{ SPACED($client) }に戻ります。
    .token = ここで許可したことだけに使えるトークンが渡されます。
    .token-for = <b>{ SPACED($resources) }</b>だけを開けるトークンが渡されます。
    .and = 、

consent-accept = 許可
    .ticked = 選んだ内容を許可
consent-deny = 拒否
