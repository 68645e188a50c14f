"""The replayer of tests/observed, with a client that keeps no cookies of its own.

The replayer has a jar for each case. httpx keeps another one beside it, which stays empty with a Keycloak: its
cookies are `Secure`, also over plain http. Ours are not there, and would go from one case to the next.
"""
import runpy
import sys
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path

import httpx

TOOLS = Path(__file__).resolve().parents[2] / "observed" / "tools"

initialize = httpx.Client.__init__


def without_cookies(self, *arguments, **options):
    options.setdefault("cookies", CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])))
    initialize(self, *arguments, **options)


httpx.Client.__init__ = without_cookies
sys.path.insert(0, str(TOOLS))
sys.argv[0] = str(TOOLS / "observe.py")
runpy.run_path(sys.argv[0], run_name="__main__")
