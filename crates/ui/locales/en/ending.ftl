# Pages on which something ends or has ended.

expired = This page waited too long
    .title = This page has expired
    .what = A sign-in has a time limit, and only its newest page counts. Nothing was lost and nothing was sent.
    .continue = Continue where I was
    .restart = Start again
    .nowhere = Go back to the app and sign in from there.

info-already-signed-in = You are already signed in to { $realm }
    .title = Already signed in
    .what = Another window has finished the sign-in.
    .continue = Continue
info-signed-out = You are signed out of { $realm }
    .title = Signed out
    .what = Some apps keep a session of their own. Sign out there too if you share this computer.
    .continue = Back to the app
info-close = You can close this page.

logout = Sign out of { $realm }?
    .title = Sign out?
    .submit = Sign out
    .stay = Stay signed in
logout-from = <b>{ $client }</b> asks you to sign out.
    .host = <b>{ $client }</b> ({ $host }) asks you to sign out.
logout-signed-in = You are signed in as <b>{ $username }</b> in this browser.

form-post = You are on your way back
    .title = Back to the app
    .what = The answer goes to the app that sent you here. If nothing happens, use the button.
    .continue = Continue
