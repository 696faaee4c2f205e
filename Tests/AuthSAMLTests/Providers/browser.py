#!/usr/bin/env python3
"""A browser that keeps cookies and fills in sign-in forms, until it is sent away from where it began.

    browser.py COOKIES URL [USER PASSWORD]

COOKIES is a file. Prints one line of JSON: {"leads": URL} if it is redirected to another server, {"posts": URL,
"fields": {…}} if a form leads there, {"shows": TEXT} if neither happens.
"""
import html.parser
import http.cookiejar
import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request


class Forms(html.parser.HTMLParser):
    """The forms of a page: (attributes, fields)."""

    def __init__(self, text):
        super().__init__()
        self.forms = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag == "form":
            self.forms.append((attributes, {}))
        elif tag == "input" and self.forms and attributes.get("name"):
            if attributes.get("type") not in ("checkbox", "radio"):
                self.forms[-1][1][attributes["name"]] = attributes.get("value") or ""


class Stay(urllib.request.HTTPRedirectHandler):
    """Follows no redirect by itself."""

    def redirect_request(self, *arguments):
        return None


def finish(**result):
    cookies.save(ignore_discard=True)
    print(json.dumps(result))
    sys.exit(0)


cookies = http.cookiejar.LWPCookieJar(sys.argv[1])
if os.path.exists(sys.argv[1]):
    cookies.load(ignore_discard=True)
address = sys.argv[2]
user, password = (sys.argv[3:] + [None, None])[:2]
home = urllib.parse.urlsplit(address).netloc
opener = urllib.request.build_opener(Stay, urllib.request.HTTPCookieProcessor(cookies))
body = None
for _ in range(20):
    try:
        response = opener.open(urllib.request.Request(address, body), timeout=30)
    except urllib.error.HTTPError as error:
        response = error
    text, body = response.read().decode("utf-8", "replace"), None
    if "Location" in response.headers and 300 <= response.status < 400:
        address = urllib.parse.urljoin(address, response.headers["Location"])
        if urllib.parse.urlsplit(address).netloc != home:
            finish(leads=address)
        continue
    forms = Forms(text).forms
    names = ("username", "user", "password")
    picked = next((form for form in forms if "SAMLResponse" in form[1]), None)
    picked = picked or next((form for form in forms if any(name in form[1] for name in names)), None)
    if not picked:
        finish(shows=text)
    attributes, fields = picked
    target = urllib.parse.urljoin(address, attributes.get("action") or address)
    if urllib.parse.urlsplit(target).netloc != home:
        finish(posts=target, fields=fields)
    if user is None:
        finish(shows=text)
    for name in fields:
        if name in ("username", "user"):
            fields[name] = user
        elif name == "password":
            fields[name] = password
    address, body = target, urllib.parse.urlencode(fields).encode()
finish(shows="it goes round in circles")
