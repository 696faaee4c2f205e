"""Signing in with a message of an identity provider, by HTTP."""
import base64
import datetime
import http.client
import statistics
import subprocess
import time
import urllib.parse

from .programs import BenchFailure, Daemon
from .report import Row

BASE = "https://xo.example.test"
PROVIDER = "https://idp.example.test/metadata"
MESSAGES = 200
SIGNATURE = "http://www.w3.org/2000/09/xmldsig#"
CANONICAL = "http://www.w3.org/2001/10/xml-exc-c14n#"


def measure(products, folder):
    folder.mkdir()
    key, certificate = folder / "idp.key", folder / "idp.pem"
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=idp", "-keyout", key, "-out", certificate)
    plugin = {
        "id": "saml", "library": "libAuthSAML.so", "configuration": {
            "allowIdpInitiated": True,
            "idp": {
                "entityId": PROVIDER, "ssoUrl": "https://idp.example.test/sso",
                "certificates": [certificate.read_text(encoding="ascii")],
            },
        },
    }
    messages = [response(number, key) for number in range(MESSAGES)]
    with Daemon(products, folder / "host", [plugin], {"publicURL": BASE}) as daemon:
        first, *others = [post(daemon, message) for message in messages]  # The first makes the user.
        refused = [post(daemon, messages[0].replace(b"person", b"nobody"), refused=True) for _ in range(MESSAGES)]
    typical = statistics.median(others) * 1000
    return [Row(
        "sign-in with a SAML message, POST to answer", typical, "ms",
        f"a forged one {statistics.median(refused) * 1000:.2f} ms, the first one {first * 1000:.1f} ms",
        target="≤ 3", met=typical <= 3)]


def post(daemon, message, refused=False):
    """Seconds until the answer."""
    body = urllib.parse.urlencode({"SAMLResponse": base64.b64encode(message)})
    connection = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=10)
    connection.connect()
    started = time.perf_counter()
    connection.request(
        "POST", "/signin/saml/callback", body, {"Content-Type": "application/x-www-form-urlencoded"})
    answer = connection.getresponse()
    answer.read()
    took = time.perf_counter() - started
    connection.close()
    # One who comes in is sent on within this site, so that the cookie is not set in the answer to another site's form.
    if ("finish?ticket=" in (answer.getheader("Location") or "")) == refused:
        raise BenchFailure(f"a SAML message: {answer.status}, {answer.getheader('Location')}; {daemon._last_words()}")
    return took


def response(number, key):
    """A message for one of ten people. Written in its canonical form, so that it can be signed as text."""
    now = datetime.datetime.now(datetime.timezone.utc)

    def at(seconds):
        return (now + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")

    def assertion(signature):
        return (
            f'<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_a{number}" IssueInstant="{at(0)}" '
            f'Version="2.0"><saml:Issuer>{PROVIDER}</saml:Issuer>{signature}<saml:Subject><saml:NameID '
            f'Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">person-{number % 10}</saml:NameID>'
            f'<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData '
            f'NotOnOrAfter="{at(300)}" Recipient="{BASE}/signin/saml/callback"></saml:SubjectConfirmationData>'
            f'</saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="{at(-60)}" NotOnOrAfter="{at(300)}">'
            f"<saml:AudienceRestriction><saml:Audience>{BASE}/signin/saml/metadata</saml:Audience>"
            f'</saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement AuthnInstant="{at(-30)}" '
            f'SessionIndex="s{number}"><saml:AuthnContext><saml:AuthnContextClassRef>'
            f"urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext>"
            f'</saml:AuthnStatement><saml:AttributeStatement><saml:Attribute Name="groups">'
            + "".join(f"<saml:AttributeValue>group-{group}</saml:AttributeValue>" for group in range(20))
            + "</saml:Attribute></saml:AttributeStatement></saml:Assertion>")

    digest = base64.b64encode(run("openssl", "dgst", "-sha256", "-binary", given=assertion("").encode())).decode()
    inner = (
        f'<ds:CanonicalizationMethod Algorithm="{CANONICAL}"></ds:CanonicalizationMethod><ds:SignatureMethod '
        f'Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"></ds:SignatureMethod>'
        f'<ds:Reference URI="#_a{number}"><ds:Transforms><ds:Transform Algorithm="{SIGNATURE}enveloped-signature">'
        f'</ds:Transform><ds:Transform Algorithm="{CANONICAL}"></ds:Transform></ds:Transforms><ds:DigestMethod '
        f'Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></ds:DigestMethod><ds:DigestValue>{digest}'
        f"</ds:DigestValue></ds:Reference>")
    signed = f'<ds:SignedInfo xmlns:ds="{SIGNATURE}">{inner}</ds:SignedInfo>'.encode()
    value = base64.b64encode(run("openssl", "dgst", "-sha256", "-sign", key, given=signed)).decode()
    signature = (
        f'<ds:Signature xmlns:ds="{SIGNATURE}"><ds:SignedInfo>{inner}</ds:SignedInfo><ds:SignatureValue>{value}'
        f"</ds:SignatureValue></ds:Signature>")
    return (
        f'<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" Destination="{BASE}/signin/saml/callback" '
        f'ID="_r{number}" IssueInstant="{at(0)}" Version="2.0"><saml:Issuer '
        f'xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">{PROVIDER}</saml:Issuer><samlp:Status><samlp:StatusCode '
        f'Value="urn:oasis:names:tc:SAML:2.0:status:Success"></samlp:StatusCode></samlp:Status>{assertion(signature)}'
        f"</samlp:Response>").encode()


def run(*words, given=None):
    done = subprocess.run([str(word) for word in words], input=given, capture_output=True)
    if done.returncode != 0:
        raise BenchFailure(f"{words[0]}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout
