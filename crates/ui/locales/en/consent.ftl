consent-title = Allow { $client }?

# How the client is named: as we know it, or as it calls itself.
consent-who = { $client }
    .quoted = “{ $client }”

consent-question =
    .none = Let { $client } use your account?
    .one = Let { $client } use { $resource } as you?
    .many = Let { $client } use { $count } servers as you?
consent-signed-in = Signed in as { $username }
    .switch = Use another account

consent-route = The way from here
    .here = you decide here
    .account = your account
    .servers = { $count } servers

consent-asking = Who is asking
    .name = Name
    .given-name = Name it gave
consent-vouched = Vouched for by
    .document = a document on <b>{ $host }</b>
    .registered = an administrator of <b>{ $realm }</b>
    .host-badge = { $host }, host verified
    .realm-badge = known to { $realm }
    .nobody-badge = name not verified
consent-nobody = Nobody vouches for this name.
    .advice = The program registered itself and chose the name. Go by the address below, not by the name.
    .loopback = The program registered itself and chose the name, as any program on this computer can. If you did not start this just now, deny.
consent-answer = Answer goes to
    .loopback = a program on this computer
consent-server = MCP server
    .several = MCP servers
consent-seen = Seen before
    .never = Never by you
    .before = You have allowed it before
consent-started = Did you start this just now?
    .advice = Any program on this computer can call itself { $client }. If you did not start it, deny.
consent-technical = Technical details

consent-may = What it may do as you
    .untick = Untick what you do not want.
    .account = Know who you are: the name you signed in with.
consent-always = What it always gets
consent-scope =
    { $scope ->
       *[profile] Your name and profile
        [email] Your e-mail address
        [address] Your postal address
        [phone] Your telephone number
        [roles] The roles you have here
        [offline_access] Stay connected after you sign out
        [organization] The organization you belong to
    }
consent-badge =
    .reads = reads
    .acts = acts for you
    .irreversible = cannot be undone

consent-next = What happens next
    .host = Your browser goes to <b>{ $host }</b>.
    .loopback = You go back to { $client } on this computer.
    .token = It gets a token for what you allow here and nothing else.
    .token-for = It gets a token that opens <b>{ $resources }</b> and nothing else.
    .and = { ", " }

consent-accept = Allow
    .ticked = Allow what is ticked
consent-deny = Deny
