package web

import "creditbank/internal/bank"

// attestationKeys are the keys about results beyond courses that are made of a prefix
// and a code.
func attestationKeys() []string {
	var keys []string
	add := func(prefix string, codes ...string) {
		for _, code := range codes {
			keys = append(keys, prefix+code)
		}
	}
	for _, k := range bank.AttestationKinds() {
		add("attestation.kind.", k.Name)
	}
	add("attestation.way.", bank.AttestationWays()...)
	add("attestation.state.", bank.AttestationStates()...)
	add("error.not_found.", "attestation", "exam")
	add("look.", "attestation")
	return keys
}
