"""What an OPC UA server answers, in words for a person (codes of OPC 10000-6, annex A.2)."""

from typing import Final

from asyncua.ua.status_codes import StatusCodes, get_name_and_doc
from asyncua.ua.uaerrors import UaError, UaStatusCodeError

OURS: Final = frozenset(
    {
        StatusCodes.BadSecurityChecksFailed,
        StatusCodes.BadCertificateUntrusted,
        StatusCodes.BadCertificateInvalid,
        StatusCodes.BadCertificateChainIncomplete,
        StatusCodes.BadCertificateIssuerRevocationUnknown,
        StatusCodes.BadCertificateRevocationUnknown,
        StatusCodes.BadCertificateRevoked,
        StatusCodes.BadCertificateUseNotAllowed,
        StatusCodes.BadCertificateUriInvalid,
        StatusCodes.BadCertificatePolicyCheckFailed,
        StatusCodes.BadApplicationSignatureInvalid,
        StatusCodes.BadCertificateTimeInvalid,
        StatusCodes.BadCertificateHostNameInvalid,
    }
)
"""Our certificate is what the server does not like."""
USERS: Final = frozenset(
    {
        StatusCodes.BadIdentityTokenInvalid,
        StatusCodes.BadIdentityTokenRejected,
        StatusCodes.BadUserAccessDenied,
        StatusCodes.BadUserSignatureInvalid,
    }
)
FULL: Final = frozenset(
    {
        StatusCodes.BadTooManySessions,
        StatusCodes.BadMaxConnectionsReached,
        StatusCodes.BadTcpServerTooBusy,
    }
)
WORDS: Final[dict[int, str]] = {
    StatusCodes.BadNodeIdUnknown: "the server has no such node",
    StatusCodes.BadNodeIdInvalid: "the server knows no such node",
    StatusCodes.BadNotReadable: "the server does not let it be read",
    StatusCodes.BadNotWritable: "the server does not let it be written",
    StatusCodes.BadUserAccessDenied: "the server does not let this user do it",
    StatusCodes.BadTypeMismatch: "it is of another type on the server than in the map",
    StatusCodes.BadOutOfRange: "outside what the server takes",
    StatusCodes.BadCommunicationError: "the server cannot reach its device",
    StatusCodes.BadNoCommunication: "the server has not reached its device yet",
    StatusCodes.BadSensorFailure: "its sensor failed",
    StatusCodes.BadDeviceFailure: "the device behind the server failed",
    StatusCodes.BadOutOfService: "out of service",
    StatusCodes.BadWaitingForInitialData: "the server has no value yet",
    StatusCodes.BadMethodInvalid: "the server has no such method",
    StatusCodes.BadArgumentsMissing: "the server wants more arguments",
    StatusCodes.BadTooManyArguments: "the server wants fewer arguments",
    StatusCodes.BadInvalidArgument: "the server does not take an argument",
    StatusCodes.BadInvalidState: "not in this state",
    StatusCodes.BadConditionBranchAlreadyAcked: "somebody has acknowledged it already",
    StatusCodes.BadConditionNotShelved: "it is not shelved",
    StatusCodes.UncertainLastUsableValue: "the last value before its source fell silent",
    StatusCodes.UncertainSubNormal: "made of too few sources",
    StatusCodes.UncertainSensorNotAccurate: "its sensor is not accurate",
}


def of(code: int) -> str:
    name, _ = get_name_and_doc(code & 0xFFFF0000)
    words = WORDS.get(code & 0xFFFF0000)
    return f"{words} ({name})" if words else str(name)


def code_of(err: UaError) -> int:
    return err.code if isinstance(err, UaStatusCodeError) else 0
