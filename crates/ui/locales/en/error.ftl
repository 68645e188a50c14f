# What happened, which rule, what to do. A message has one text for each reader who can do something:
# .anyone, .starter (started it), .follower (followed a link), .operator (runs the client),
# .administrator (runs the realm).

error-rule = Which rule
    .asked = Asked for
    .registered = Registered
    .detail = Detail
error-do = What to do
    .starter = If you started it:{ " " }
    .follower = If a link brought you here:{ " " }
    .operator = If you run the client:{ " " }
    .administrator = If you run { $realm }:{ " " }
error-reference = Reference for support
    .copy = Copy
    .copied = Copied
# A client without a name.
error-client = The client

error-client-unknown = This request was stopped
    .title = Client not known
    .what = The request came from a client that { $realm } does not know. Nothing was shared.
    .rule = A client must be known here before it can ask for anything.
    .starter = close this page and connect again from the app.
    .follower = do not use that link again.
    .operator = check <code>client_id</code> and the realm in the address.

error-client-disabled = This client is switched off
    .title = Client switched off
    .what = { $client } was disabled by an administrator of { $realm }. Nothing was shared.
    .rule = A disabled client cannot ask for anything.
    .starter = ask your administrator whether it may be used.
    .administrator = enable the client under Clients.

error-redirect-uri-missing = This request was stopped
    .title = Request stopped
    .what = { $client } did not say where to send the answer. Nothing was shared.
    .rule = A request must name its redirect address, unless the client has registered exactly one.
    .starter = close this page and connect again from the app.
    .operator = send <code>redirect_uri</code>.

error-redirect-uri-unregistered = This request was stopped
    .title = Request stopped
    .what = { $client } asked to send the answer to an address it has not registered. Nothing was shared.
    .rule = The redirect address must be one the client registered.
    .starter = close this page and connect again from the app.
    .follower = do not use that link again.
    .operator = register the address or fix the request.

error-parameter-repeated = This request was stopped
    .title = Request stopped
    .what = { $client } sent the parameter <code>{ $parameter }</code> more than once. Nothing was shared.
    .rule = Each parameter may occur once.
    .starter = close this page and connect again from the app.
    .follower = do not use that link again.
    .operator = send each parameter once.

error-request-invalid = This request was stopped
    .title = Request stopped
    .what = { $client } sent a request that does not follow the standard. Nothing was shared.
    .rule = A request must have everything the standard asks for.
    .starter = close this page and connect again from the app.
    .operator = fix the request; the detail above says where.

error-realm-unknown = There is no realm at this address
    .title = Realm not known
    .what = The address names a realm that this server does not have.
    .anyone = Check the address, or start again from the app.
    .operator = compare the realm in the address with the issuer you were given.

error-realm-disabled = { $realm } is switched off
    .title = { $realm } is switched off
    .what = An administrator has disabled it. Nobody can sign in, and nothing was shared.
    .starter = ask your administrator when it will be back.
    .administrator = enable it under Realm settings.

error-policy-refused = This request was stopped
    .title = Request stopped
    .what = { $client } does not meet the security rules of { $realm }. Nothing was shared.
    .rule = { $realm } asks more of its clients than the standard does.
    .starter = show this page to whoever runs the app.
    .operator = fix the request; the detail above says where.
    .administrator = the reference finds the policy that refused.

error-logout-redirect-unregistered = This sign-out was stopped
    .title = Sign-out stopped
    .what = { $client } asked to send you to an address it has not registered. You have not been signed out.
    .rule = The address after sign-out must be one the client registered.
    .starter = sign out again from the app.
    .follower = do not use that link again.
    .operator = register the address under “Valid post logout redirect URIs”.

error-not-found = There is no page at this address
    .title = No page here
    .what = The address has a mistake, or the page is gone.
    .anyone = Check the address, or start again from the app.

error-too-many-requests = Too many requests at once
    .title = Too many requests
    .what = More came from your network in a short time than one network may send. Nothing was lost.
    .rule = Requests are limited, so that nobody can keep others out.
    .anyone = Wait a minute, then try again.

error-unavailable = This cannot be answered right now
    .title = Not available
    .what = A part of { $realm } did not answer. Nothing was lost and nothing was shared.
    .anyone = Wait a minute, then try again.
    .administrator = the reference finds the cause in the log.
