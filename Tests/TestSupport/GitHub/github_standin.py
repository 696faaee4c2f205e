#!/usr/bin/env python3
"""A GitHub for tests: OAuth's web flow and what a sign-in asks of the REST API, as strict as GitHub's documentation.

    github_standin.py CALLBACK [CERTIFICATE-AND-KEY.pem]

Prints its address once it listens. Laid out like an Enterprise Server: pages at /login/oauth, the API at /api/v3. The
person who would press the button is named by `login_as` in the query of the authorise page; `grant` there limits what
the person agrees to.

Tests talk to it at two addresses that GitHub does not have: POST /_world merges JSON into the world below, and
GET /_log tells what was asked.
"""
import base64
import hashlib
import hmac
import http.server
import json
import re
import secrets
import ssl
import sys
import threading
import time
import urllib.parse

CLIENT, SECRET = "Iv1.0123456789abcdef", "0123456789abcdef0123456789abcdef01234567"
API = "/api/v3"
DOCS = "https://docs.github.com/rest"

WORLD = {
    # How GitHub is at the moment.
    "codeLife": 600,  # seconds
    "limit": 5000,  # requests of a token in an hour
    "expiring": False,  # whether tokens are those of a GitHub App, which expire
    # path: {"status", "type", "headers", "body", "bytes", "silent"} in place of what is right; {"hold": token}: what is
    # right, but to whom has that token only when this is gone.
    "answers": {},
    "organizations": {
        "4001": {"login": "acme"},
        "4002": {"login": "other"},
        "4003": {"login": "guarded", "sso": True},
        "4004": {"login": "closed", "approved": False},
        **{str(7000 + n): {"login": f"org{n:03}"} for n in range(150)},
    },
    "teams": {
        "5001": {"slug": "ops", "organization": "4001"},
        "5002": {"slug": "ops", "organization": "4002"},
        "5003": {"slug": "night-shift", "organization": "4001", "parent": "5001"},
    },
    "users": {},
}


def user(number, login, organizations, teams=(), verified=True, public=False, kind="User"):
    address = f"{login}@example.test"
    WORLD["users"][str(number)] = {
        "login": login,
        "name": login.title(),
        "type": kind,
        "public": address if public else None,
        "emails": [
            {"email": f"{number}+{login}@users.noreply.example.test", "primary": False, "verified": True,
             "visibility": None},
            {"email": address, "primary": True, "verified": verified, "visibility": "public" if public else "private"},
        ],
        "organizations": organizations,
        "teams": list(teams),
    }


user(1001, "alice", {"4001": "member", "4002": "member"}, ["5001"])
user(1002, "bob", {"4002": "admin"}, ["5002"])
user(1003, "invited", {"4001": "pending"})
user(1004, "unverified", {"4001": "member"}, verified=False)
user(1005, "many", {**{str(7000 + n): "member" for n in range(150)}, "4001": "member"})
user(1006, "nightly", {"4001": "admin"}, ["5003"])
user(1007, "guest", {"4003": "member"})
user(1008, "closed-in", {"4004": "member"})
user(1009, "robot", {"4001": "member"}, kind="Bot")

lock = threading.RLock()
codes, tokens, refresh_tokens, log = {}, {}, {}, []
CALLBACK = sys.argv[1]


def merge(into, more):
    for key, value in more.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict) and value:
            merge(into[key], value)
        elif value is None:
            into.pop(key, None)
        else:
            into[key] = value


def same(one, other):
    return hmac.compare_digest(str(one).encode(), str(other).encode())


class Failure(Exception):
    """An answer that is none of the good ones."""

    def __init__(self, status, message, headers=()):
        super().__init__(message)
        self.status, self.message, self.headers = status, message, dict(headers)


class GitHub(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    # ---- Answering

    def send(self, status, body=b"", kind="application/json; charset=utf-8", headers=()):
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        for name, value in dict(headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def redirect(self, address, **fields):
        query = urllib.parse.urlencode({name: value for name, value in fields.items() if value is not None})
        self.send(302, b"", "text/html; charset=utf-8", {"Location": address + ("&" if "?" in address else "?") + query})

    # ---- Requests

    def do_GET(self):
        self.serve()

    def do_POST(self):
        self.serve()

    def do_DELETE(self):
        self.serve()

    def serve(self):
        url = urllib.parse.urlsplit(self.path)
        self.query = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = url.path
        if path == "/_world":
            with lock:
                merge(WORLD, json.loads(self.body))
            return self.send(200, {})
        if path == "/_log":
            with lock:
                return self.send(200, {"requests": log, "tokens": list(tokens), "codes": list(codes)})
        with lock:
            log.append({"method": self.command, "path": path, "query": self.query,
                        "headers": {name.lower(): value for name, value in self.headers.items()},
                        "body": self.body.decode("utf-8", "replace")})
            planned = WORLD["answers"].get(path)
        while planned and planned.get("hold"):
            if not (self.headers.get("Authorization") or "").endswith(planned["hold"]):
                planned = None
            else:
                time.sleep(0.02)
                planned = WORLD["answers"].get(path)
        if planned:
            return self.answer_as_planned(planned)
        try:
            with lock:
                status, body, headers = self.route(path)
        except Failure as failure:
            answer = {"message": failure.message, "documentation_url": DOCS, "status": str(failure.status)}
            return self.send(failure.status, answer, headers=failure.headers)
        if status:
            self.send(status, body, headers=headers)

    def answer_as_planned(self, plan):
        if plan.get("silent"):
            # Until the other side has had enough.
            self.connection.settimeout(60)
            try:
                self.connection.recv(1)
            except OSError:
                pass
            self.close_connection = True
            return
        body = plan.get("body", "").encode() or b"x" * plan.get("bytes", 0)
        try:
            self.send(plan.get("status", 200), body, plan.get("type", "application/json"), plan.get("headers", {}))
        except OSError:
            self.close_connection = True

    def route(self, path):
        if path == "/login/oauth/authorize" and self.command == "GET":
            return self.authorize()
        if path == "/login/oauth/access_token" and self.command == "POST":
            return self.token()
        if not path.startswith(API + "/"):
            raise Failure(404, "Not Found")
        path = path[len(API):]
        if not self.headers.get("User-Agent"):
            self.send(403, b"Request forbidden by administrative rules. Please make sure your request has a User-Agent "
                      b"header (https://docs.github.com/en/rest/overview/resources-in-the-rest-api#user-agent-required).",
                      "text/plain")
            return None, None, None
        version = self.headers.get("X-GitHub-Api-Version", "2022-11-28")
        if version != "2022-11-28":
            raise Failure(400, f"{version} is not a supported version of the API.")
        application = re.fullmatch(r"/applications/([^/]+)/(token|grant)", path)
        if application and self.command == "DELETE":
            return self.revoke(*application.groups())
        if self.command != "GET":
            raise Failure(404, "Not Found")
        return self.read(path)

    # ---- The web flow

    def authorize(self):
        query = self.query
        if query.get("client_id") != CLIENT:
            raise Failure(404, "Not Found")
        wanted = query.get("redirect_uri", CALLBACK)
        asked, registered = urllib.parse.urlsplit(wanted), urllib.parse.urlsplit(CALLBACK)
        is_below = asked.path == registered.path or asked.path.startswith(registered.path.rstrip("/") + "/")
        if (asked.scheme, asked.netloc) != (registered.scheme, registered.netloc) or not is_below:
            self.redirect(CALLBACK, error="redirect_uri_mismatch", state=query.get("state"),
                          error_description="The redirect_uri MUST match the registered callback URL for this application.")
            return None, None, None
        challenge = query.get("code_challenge")
        if challenge is not None and (query.get("code_challenge_method") != "S256" or len(challenge) != 43):
            self.redirect(wanted, error="invalid_request", state=query.get("state"),
                          error_description="Only S256 challenges are supported.")
            return None, None, None
        who = query.get("login_as")
        if who == "nobody":
            self.redirect(wanted, error="access_denied", state=query.get("state"),
                          error_description="The user has denied your application access.")
            return None, None, None
        number = next((number for number, user in WORLD["users"].items() if user["login"] == who), None)
        if number is None:
            raise Failure(404, "Not Found")
        scopes = [scope for scope in re.split("[ ,]+", query.get("grant", query.get("scope", ""))) if scope]
        code = secrets.token_hex(10)
        codes[code] = {"user": number, "redirect": wanted, "challenge": challenge, "scopes": scopes,
                       "until": time.time() + WORLD["codeLife"]}
        self.redirect(wanted, code=code, state=query.get("state"))
        return None, None, None

    def token(self):
        form = dict(urllib.parse.parse_qsl(self.body.decode(), keep_blank_values=True))

        def refuse(error, description):
            return {"error": error, "error_description": description,
                    "error_uri": f"{DOCS}/apps/oauth-apps/troubleshooting#{error.replace('_', '-')}"}

        def decide():
            if not (same(form.get("client_id"), CLIENT) and same(form.get("client_secret"), SECRET)):
                return refuse("incorrect_client_credentials",
                              "The client_id and/or client_secret passed are incorrect.")
            if form.get("grant_type") == "refresh_token":
                old = refresh_tokens.pop(form.get("refresh_token"), None)
                if old is None:
                    return refuse("bad_refresh_token", "The refresh token passed is incorrect or expired.")
                tokens.pop(old["token"], None)
                return self.make_token(old["user"], [])
            # A code is used up, whatever comes of it.
            code = codes.pop(form.get("code"), None)
            if code is None or code["until"] < time.time():
                return refuse("bad_verification_code", "The code passed is incorrect or expired.")
            if form.get("redirect_uri", CALLBACK) != code["redirect"]:
                return refuse("redirect_uri_mismatch",
                              "The redirect_uri MUST match the registered callback URL for this application.")
            if code["challenge"]:
                digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
                if not same(base64.urlsafe_b64encode(digest).decode().rstrip("="), code["challenge"]):
                    return refuse("bad_verification_code", "The code passed is incorrect or expired.")
            return self.make_token(code["user"], code["scopes"])

        answer = decide()
        accept = self.headers.get("Accept", "")
        if "application/json" in accept:
            self.send(200, answer)
        elif "application/xml" in accept:
            fields = "".join(f"<{name}>{value}</{name}>" for name, value in answer.items())
            self.send(200, f"<OAuth>{fields}</OAuth>".encode(), "application/xml; charset=utf-8")
        else:
            self.send(200, urllib.parse.urlencode(answer).encode(), "application/x-www-form-urlencoded; charset=utf-8")
        return None, None, None

    @staticmethod
    def make_token(number, scopes):
        kind = "ghu_" if WORLD["expiring"] else "gho_"
        token = kind + secrets.token_hex(18)
        tokens[token] = {"user": number, "scopes": scopes, "used": 0}
        answer = {"access_token": token, "scope": ",".join(scopes), "token_type": "bearer"}
        if WORLD["expiring"]:
            refresh = "ghr_" + secrets.token_hex(30)
            refresh_tokens[refresh] = {"user": number, "token": token}
            answer.update(scope="", expires_in=1, refresh_token=refresh, refresh_token_expires_in=15_897_600)
        return answer

    def revoke(self, client, what):
        pair = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if not same(self.headers.get("Authorization"), f"Basic {pair}"):
            raise Failure(401, "Bad credentials")
        if client != CLIENT:
            raise Failure(404, "Not Found")
        try:
            token = json.loads(self.body)["access_token"]
        except (ValueError, KeyError, TypeError):
            raise Failure(422, "Validation Failed") from None
        found = tokens.pop(token, None)
        if found is None:
            raise Failure(404, "Not Found")
        if what == "grant":
            for other in [key for key, value in tokens.items() if value["user"] == found["user"]]:
                del tokens[other]
        self.send_response(204)
        self.end_headers()
        return None, None, None

    # ---- The API

    def read(self, path):
        authorization = self.headers.get("Authorization")
        if not authorization:
            raise Failure(401, "Requires authentication")
        token = tokens.get(re.sub("^(?i:bearer|token) ", "", authorization))
        if token is None:
            raise Failure(401, "Bad credentials")
        token["used"] += 1
        left = WORLD["limit"] - token["used"]
        headers = {"X-OAuth-Scopes": ", ".join(token["scopes"]), "X-GitHub-Media-Type": "github.v3; format=json",
                   "X-RateLimit-Limit": str(WORLD["limit"]), "X-RateLimit-Remaining": str(max(left, 0)),
                   "X-RateLimit-Reset": "4102444800", "X-RateLimit-Used": str(token["used"]),
                   "X-RateLimit-Resource": "core"}
        if left < 0:
            raise Failure(403, f"API rate limit exceeded for user ID {token['user']}.", headers)
        # GitHub Apps have permissions instead of scopes.
        scopes = None if WORLD["expiring"] else set(token["scopes"])
        number, user = token["user"], WORLD["users"].get(token["user"])
        if user is None:
            raise Failure(401, "Bad credentials")

        def need(*any_of, status=403):
            headers["X-Accepted-OAuth-Scopes"] = ", ".join(any_of)
            if scopes is not None and not scopes & set(any_of):
                raise Failure(status, f"This API operation needs the \"{any_of[0]}\" scope.", headers)

        if path == "/user":
            answer = {"login": user["login"], "id": int(number), "node_id": f"U_{number}", "type": user["type"],
                      "site_admin": False, "name": user["name"], "email": user["public"]}
            return 200, answer, headers
        if path == "/user/emails":
            need("user:email", "user", status=404)
            return self.page(path, user["emails"], headers)
        if path == "/user/memberships/orgs":
            need("read:org", "admin:org", "write:org")
            shown, hidden = [], []
            for id, role in user["organizations"].items():
                organization = WORLD["organizations"][id]
                if organization.get("sso"):
                    hidden.append(id)
                elif organization.get("approved", True):
                    shown.append(self.membership(id, role))
            if hidden:
                headers["X-GitHub-SSO"] = "partial-results; organizations=" + ",".join(hidden)
            return self.page(path, shown, headers)
        if path == "/user/teams":
            need("read:org", "user", "repo", "admin:org", "write:org")
            return self.page(path, [self.team(id) for id in user["teams"]], headers)
        one = re.fullmatch("/user/memberships/orgs/([^/]+)", path)
        if one:
            need("read:org", "admin:org", "write:org")
            name = urllib.parse.unquote(one[1]).lower()
            for id, role in user["organizations"].items():
                organization = WORLD["organizations"][id]
                if organization["login"].lower() != name:
                    continue
                if organization.get("sso"):
                    headers["X-GitHub-SSO"] = f"required; url=https://github.test/orgs/{name}/sso?authorization_request=A"
                    raise Failure(403, "Resource protected by organization SAML enforcement. You must grant your OAuth "
                                  "token access to this organization.", headers)
                if not organization.get("approved", True):
                    raise Failure(403, f"Although you appear to have the correct authorization credentials, the `{name}` "
                                  "organization has enabled OAuth App access restrictions.", headers)
                return 200, self.membership(id, role), headers
        raise Failure(404, "Not Found", headers)

    @staticmethod
    def membership(id, role):
        return {"state": "pending" if role == "pending" else "active", "role": "admin" if role == "admin" else "member",
                "organization": {"login": WORLD["organizations"][id]["login"], "id": int(id)}}

    def team(self, id):
        team = WORLD["teams"][id]
        organization = WORLD["organizations"][team["organization"]]
        parent = team.get("parent")
        return {"id": int(id), "slug": team["slug"], "name": team["slug"].title(), "privacy": "closed",
                "parent": {"id": int(parent), "slug": WORLD["teams"][parent]["slug"], "name": "Above"} if parent else None,
                "organization": {"login": organization["login"], "id": int(team["organization"])}}

    def page(self, path, entries, headers):
        size = min(int(self.query.get("per_page", 30)), 100)
        number = int(self.query.get("page", 1))
        last = max(1, -(-len(entries) // size))
        address = f"{ADDRESS}{API}{path}?per_page={size}&page="
        if number < last:
            headers["Link"] = f'<{address}{number + 1}>; rel="next", <{address}{last}>; rel="last"'
        return 200, entries[(number - 1) * size:number * size], headers


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass


server = Server(("127.0.0.1", 0), GitHub)
scheme = "http"
if len(sys.argv) > 2:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[2])
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    scheme = "https"
ADDRESS = f"{scheme}://127.0.0.1:{server.server_address[1]}"
print(ADDRESS, flush=True)
# Ends with whoever has started it.
threading.Thread(target=lambda: (sys.stdin.read(), server.shutdown()), daemon=True).start()
server.serve_forever()
