"""lockdownd: who may read what, the session, and the way to the services.

Rules, as the facts about real phones have them:
- A host without a session reads a public set of about 27 values (`ideviceinfo -s`); anything else is GetProhibited.
- A missing key is MissingValue; a missing or key-only domain as a whole is an empty dictionary.
- StartSession checks the HostID (InvalidHostID), then whether the phone was unlocked since it started
  (PasswordProtected); after its reply both sides switch to TLS, with the certificates of the pair record.
- StartService needs a session, opens a port for one connection, and refuses some services while the phone is locked
  unless the escrow bag of the pair record comes along.
- Whatever would change the phone is written down and refused: Pair, Unpair, SetValue, RemoveValue, EnterRecovery,
  Activate, Deactivate.
"""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING, Any

from pyworker.virtual.iphone import pairing, property_list
from pyworker.virtual.iphone.phone import HAS_SESSION
from pyworker.virtual.iphone.record import Request
from pyworker.virtual.iphone.services import ON_REQUEST, SERVICES

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyworker.virtual.iphone.link import Link
    from pyworker.virtual.iphone.phone import VirtualIphone

SERVICE = "lockdown"
PORT = 62078

PUBLIC_KEYS = (
    "BasebandCertId", "BasebandKeyHashInformation", "BasebandSerialNumber", "BasebandVersion", "BoardId",
    "BuildVersion", "CPUArchitecture", "ChipID", "DeviceClass", "DeviceColor", "DeviceName", "DieID",
    "HardwareModel", "HasSiDP",
    "HumanReadableProductVersionString", "PartitionType", "ProductName", "ProductType", "ProductVersion",
    "ProductionSOC", "ProtocolVersion", "SupportedDeviceFamilies", "TelephonyCapability", "UniqueChipID",
    "UniqueDeviceID", "UntrustedHostBUID", "WiFiAddress",
)

# What a locked phone keeps to itself although it was unlocked once: user files and whatever reaches them.
LOCKED_SERVICES = (
    "com.apple.afc", "com.apple.mobile.house_arrest", "com.apple.mobilebackup2",
    "com.apple.mobile.mobile_image_mounter",
)

# Recorded, refused. The word is the one a phone would answer in a state in which it says no.
_REFUSALS = {
    "Unpair": "InvalidHostID",
    "SetValue": "SetProhibited",
    "RemoveValue": "SetProhibited",
    "EnterRecovery": "ProhibitedBySupervision",
    "Activate": "InvalidActivationRecord",
    "Deactivate": "InvalidActivationRecord",
}
_PAIR_REFUSALS = {
    "before_first_unlock": "PasswordProtected", "locked": "PasswordProtected", "denied": "UserDeniedPairing",
}


class LockdownConversation:
    """One connection to lockdownd."""

    def __init__(self, link: Link, phone: VirtualIphone, on_service: Callable[[], None]) -> None:
        self._link = link
        self._phone = phone
        self._on_service = on_service
        self._messages = property_list.Messages()
        self._session: str | None = None

    def receive(self, data: bytes) -> None:
        try:
            for message in self._messages.feed(data):
                self._handle(message)
        except property_list.NotAPropertyList:
            self._link.close()

    def _handle(self, message: property_list.Message) -> None:
        body = message.body
        verb = str(body.get("Request", ""))
        detail = {key: value for key, value in body.items() if key != "Request"}
        self._phone.record.append(Request(SERVICE, verb, detail))
        before = self._session
        answer = {"Request": verb, **self._answer(verb, body)}
        self._link.reply(
            self._phone.faults, SERVICE, verb, property_list.dump(answer, message.format), property_list.FRAMING)
        if self._session is not None and before is None:
            self._link.start_tls(self._phone.faults, SERVICE, pairing.server_context())
            rest = self._messages.rest()
            if rest:
                self._link.hand_over(self, rest)

    def _answer(self, verb: str, body: dict[str, Any]) -> dict[str, Any]:
        if verb == "QueryType":
            return {"Type": "com.apple.mobile.lockdown"}
        if verb == "GetValue":
            return self._get_value(body.get("Domain"), body.get("Key"))
        if verb == "StartSession":
            return self._start_session(body)
        if verb == "StopSession":
            return self._stop_session(body)
        if verb == "StartService":
            return self._start_service(body)
        if verb == "ValidatePair":
            return self._validate_pair(body)
        if verb == "Pair":
            return {"Error": _PAIR_REFUSALS.get(self._phone.state, "PairingDialogResponsePending")}
        return {"Error": _REFUSALS.get(verb, "InvalidRequest" if verb else "MissingRequest")}

    # -- values ---------------------------------------------------------------------------------------------------

    def _get_value(self, domain: Any, key: Any) -> dict[str, Any]:
        echo = {name: value for name, value in (("Domain", domain), ("Key", key)) if value is not None}
        values = self._values(domain or "")
        if self._session is None:
            return {**echo, **self._public_value(domain or "", key, values)}
        if key is not None:
            return {**echo, "Value": values[key]} if key in values else {**echo, "Error": "MissingValue"}
        if domain in self._phone.member("lockdown").get("key_only_domains", ()):
            values = {}
        return {**echo, "Value": values}

    def _public_value(self, domain: str, key: Any, values: dict[str, Any]) -> dict[str, Any]:
        public = self._phone.member("lockdown").get("public", PUBLIC_KEYS)
        if domain or (key is not None and key not in public):
            return {"Error": "GetProhibited"}
        if key is None:
            return {"Value": {name: values[name] for name in public if name in values}}
        return {"Value": values[key]} if key in values else {"Error": "MissingValue"}

    def _values(self, domain: str) -> dict[str, Any]:
        lockdown = self._phone.member("lockdown")
        if domain:
            found = lockdown.get("domains", {}).get(domain, {})
            return found if isinstance(found, dict) else {}
        values = dict(lockdown.get("values", {}))
        if "clock_skew_s" in lockdown:
            values["TimeIntervalSince1970"] = time.time() + lockdown["clock_skew_s"]
        if self._phone.state in ("locked", "before_first_unlock"):
            values["PasswordProtected"] = True
        if self._phone.state not in HAS_SESSION:
            values["UntrustedHostBUID"] = pairing.SYSTEM_BUID
        return values

    # -- session --------------------------------------------------------------------------------------------------

    def _start_session(self, body: dict[str, Any]) -> dict[str, Any]:
        if self._session is not None:
            return {"Error": "SessionActive"}
        refusal = self._refuses_host(body.get("HostID"))
        if refusal:
            return {"Error": refusal}
        self._session = str(uuid.uuid4()).upper()
        return {"SessionID": self._session, "EnableSessionSSL": True}

    def _stop_session(self, body: dict[str, Any]) -> dict[str, Any]:
        if self._session is None or body.get("SessionID") != self._session:
            return {"Error": "SessionInactive"}
        self._session = None
        return {"Result": "Success"} if self._phone.version < (5,) else {}

    def _validate_pair(self, body: dict[str, Any]) -> dict[str, Any]:
        record = body.get("PairRecord")
        refusal = self._refuses_host(record.get("HostID") if isinstance(record, dict) else None)
        return {"Error": refusal} if refusal else {}

    def _refuses_host(self, host: Any) -> str:
        """Why this host gets no session; empty when it does."""
        phone = self._phone
        if phone.state not in HAS_SESSION | {"before_first_unlock"} or host != pairing.host_id(phone.udid):
            return "InvalidHostID"
        return "PasswordProtected" if phone.state == "before_first_unlock" else ""

    # -- services -------------------------------------------------------------------------------------------------

    def _start_service(self, body: dict[str, Any]) -> dict[str, Any]:
        name = str(body.get("Service", ""))
        echo = {"Service": name}
        refusal = self._refuses_service(name, "EscrowBag" in body)
        if refusal:
            return {**echo, "Error": refusal}
        self._on_service()
        answer: dict[str, Any] = {**echo, "Port": self._phone.open_port(name)}
        if uses_tls(self._phone, name):
            answer["EnableServiceSSL"] = True
        return answer

    def _refuses_service(self, name: str, escrow_bag: bool) -> str:
        if self._session is None:
            return "SessionInactive"
        services = self._phone.member("services")
        if name in services.get("refused", {}):
            return str(services["refused"][name])
        if name not in SERVICES or (name in ON_REQUEST and name not in services.get("extra", ())):
            return "InvalidService"
        if self._phone.state == "locked" and not escrow_bag and name in services.get("locked", LOCKED_SERVICES):
            return "PasswordProtected"
        return ""


def uses_tls(phone: VirtualIphone, service: str) -> bool:
    return service not in phone.member("services").get("plain", ())
