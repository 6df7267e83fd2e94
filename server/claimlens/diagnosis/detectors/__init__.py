"""Detectors: each looks at the case from one side and yields the causes it sees. Add one here and it takes part."""

from claimlens.diagnosis.detectors.answers import detect_asked_by_answer, detect_sign_in_page
from claimlens.diagnosis.detectors.audience import detect_audience
from claimlens.diagnosis.detectors.authorization import detect_permissions, detect_stale
from claimlens.diagnosis.detectors.candidate import Candidate, Detector
from claimlens.diagnosis.detectors.claim_names import detect_claim_names
from claimlens.diagnosis.detectors.destination import detect_destination
from claimlens.diagnosis.detectors.environment import (
    detect_address_without_policy,
    detect_app_service_policy,
    detect_app_service_refusal,
    detect_blank,
    detect_blank_in_message,
    detect_blank_in_secret,
    detect_manifest_version,
    detect_metadata,
    detect_packages,
    detect_scheme_setup,
    detect_tenant_address,
)
from claimlens.diagnosis.detectors.exchange import (
    detect_clouds,
    detect_identity_resource,
    detect_on_behalf_of,
    detect_requested_for_graph,
    detect_token_request,
)
from claimlens.diagnosis.detectors.forms import detect_portal_form
from claimlens.diagnosis.detectors.fragments import detect_fragments
from claimlens.diagnosis.detectors.frameworks import detect_one_version
from claimlens.diagnosis.detectors.grants import detect_delegated_only, detect_grants
from claimlens.diagnosis.detectors.groups import detect_groups
from claimlens.diagnosis.detectors.handling import (
    detect_appended_header,
    detect_backend_credentials,
    detect_changed_header,
    detect_competing_schemes,
    detect_forwarded_header,
    detect_id_token_sent,
    detect_key_header,
    detect_middleware,
    detect_quoted_token,
    detect_removed_header,
    detect_renamed_claim,
    detect_token_in_query,
)
from claimlens.diagnosis.detectors.issuer import detect_issuer
from claimlens.diagnosis.detectors.messages import detect_messages
from claimlens.diagnosis.detectors.missing_claims import detect_missing_claim
from claimlens.diagnosis.detectors.policies import detect_policies
from claimlens.diagnosis.detectors.policy_rules import detect_policy_rules
from claimlens.diagnosis.detectors.request import (
    detect_function_key,
    detect_no_header,
    detect_no_value,
    detect_opaque,
    detect_replaced_header,
    detect_scheme,
    detect_scheme_in_code,
)
from claimlens.diagnosis.detectors.signature import (
    detect_algorithm,
    detect_signature,
    detect_verified_signature,
)
from claimlens.diagnosis.detectors.times import detect_challenge, detect_times
from claimlens.diagnosis.detectors.token_form import detect_damage

DETECTORS: tuple[Detector, ...] = (
    detect_scheme,
    detect_scheme_in_code,
    detect_opaque,
    detect_replaced_header,
    detect_function_key,
    detect_no_header,
    detect_no_value,
    detect_id_token_sent,
    detect_removed_header,
    detect_changed_header,
    detect_appended_header,
    detect_quoted_token,
    detect_key_header,
    detect_forwarded_header,
    detect_token_in_query,
    detect_fragments,
    detect_damage,
    detect_issuer,
    detect_one_version,
    detect_manifest_version,
    detect_metadata,
    detect_address_without_policy,
    detect_tenant_address,
    detect_audience,
    detect_destination,
    detect_asked_by_answer,
    detect_signature,
    detect_verified_signature,
    detect_algorithm,
    detect_permissions,
    detect_claim_names,
    detect_grants,
    detect_delegated_only,
    detect_renamed_claim,
    detect_stale,
    detect_groups,
    detect_missing_claim,
    detect_app_service_policy,
    detect_app_service_refusal,
    detect_portal_form,
    detect_times,
    detect_challenge,
    detect_policies,
    detect_policy_rules,
    detect_on_behalf_of,
    detect_token_request,
    detect_identity_resource,
    detect_requested_for_graph,
    detect_clouds,
    detect_packages,
    detect_blank,
    detect_blank_in_message,
    detect_blank_in_secret,
    detect_scheme_setup,
    detect_middleware,
    detect_competing_schemes,
    detect_backend_credentials,
    detect_sign_in_page,
    detect_messages,
)

__all__ = ["DETECTORS", "Candidate", "Detector"]
