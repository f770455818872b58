package bank

// AuditActions lists what the audit log may say that somebody did; each has a
// sentence in the languages, audit.ACTION. A test holds it against what is noted.
func AuditActions() []string {
	return []string{
		"import", "export", "backup", "restore", "ledger_key", "personal_key",
		"seal", "book", "merge", "look", "audit.search", "audit.export",
		"token.add", "token.revoke", "login.add", "login.in", "login.second", "login.wait",
		"login.password", "login.disable", "login.enable", "passkey.add", "passkey.remove", "totp.add",
		"totp.remove", "identity.add", "identity.remove", "session.end", "session.end_others", "role.grant",
		"role.revoke", "invitation.staff", "invitation.recovery", "invitation.first", "invitation.accept", "invitation.withdraw",
		"claim.code", "claim.use", "consent.give", "consent.withdraw", "share.add", "share.open",
		"share.withdraw", "correction.request", "correction.accepted", "correction.refused", "correction.withdrawn", "data.export", "retention.set",
		"retention.sweep", "proposal.open", "proposal.approve", "proposal.refuse", "proposal.withdraw", "proposal.end",
		"learner.search", "learner.erase", "calendar.set",
		"application.save", "application.discard", "application.submit", "application.withdraw", "application.assign", "application.decide",
		"agreement.draft", "agreement.offer", "agreement.sign", "agreement.close", "setting.set",
		"application.appeal", "application.withdraw_appeal", "application.pass_after", "application.pass",
		"application.redeem", "consequence.open", "consequence.keep", "consequence.reverse",
		"prior.save", "prior.discard", "prior.submit", "prior.withdraw", "prior.assign", "prior.judge",
		"prior.decide", "prior.appeal", "prior.redeem", "prior.revoke",
		"attachment.add",
		"evaluation.save", "evaluation.submit", "evaluation.withdraw", "evaluation.answer", "evaluation.opine", "evaluation.assign",
		"evaluation.reassign", "evaluation.release", "evaluation.ask_more", "evaluation.proceed", "evaluation.approve", "evaluation.refuse",
		"evaluation.suspend", "evaluation.resume", "evaluation.end", "evaluation.confirm", "evaluation.decline", "evaluation.take_back",
		"evaluation.supersede", "request.add", "request.answered", "request.declined", "request.withdrawn",
		"finding.give", "finding.take", "finding.accept", "finding.reopen", "suggestion.refuse",
		"attestation.hand_in", "attestation.withdraw", "attestation.by_evidence", "attestation.assign", "attestation.opine", "attestation.verify", "attestation.refuse",
		"placement.log", "placement.confirm", "placement.mark", "placement.submit",
		"course.save", "rule.confirm", "programme.save",
		"impact.run",
		"upload.stage", "upload.undo",
		"regional.set",
	}
}
