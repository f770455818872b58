package web

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
)

// The methods that are served.
const (
	get  = http.MethodGet
	post = http.MethodPost
)

// route is one line of the site map: what is served where, and who may.
type route struct {
	method, path string
	handle       echo.HandlerFunc
	may          access
}

// table is the site map, with who may beside each path: the coarse right. The
// fine one, on whose things, is in the first lines of the bank's methods, and
// names here what it looks at.
func (s *Server) table() []route {
	learner := people(bank.IsLearner, ofSelf)
	return []route{
		// Pages for everybody
		{get, "/", s.listed(s.home), open},
		{post, "/", s.takeList, open},
		{get, "/example", s.example, open},
		{get, "/plan", s.plan, open},
		{get, "/map", s.listed(s.mapPage), open},
		{get, "/institutions/:id", s.listed(s.institutionPage), open},
		{get, "/programmes/:id", s.listed(s.programmePage), open},
		{get, "/courses/:id", s.listed(s.coursePage), open},
		{get, "/equivalences/:id", s.equivalencePage, open},
		{get, "/pairs/:from/:to", s.listed(s.pairPage), open},
		{get, "/open/equivalences.csv", s.openTable, open},
		{get, "/open/equivalences.jsonld", s.openGraph, open},
		{get, "/ledger", s.ledgerPage, open},
		{get, "/ledger/entries/:number", s.entryPage, open},
		{get, "/ledger/entries/:number/proof", s.entryFile, open},
		{post, "/language", s.chooseLanguage, open},
		{get, "/suggest", s.suggest, open},
		{get, "/assets/*", s.asset, open},
		{get, "/favicon.ico", s.favicon, open},
		{get, "/api/docs", s.apiDocs, open},

		// The way in and out
		{get, "/login", s.signInForm, open},
		{post, "/login", s.signIn, open},
		{get, "/login/second", s.secondForm, open},
		{post, "/login/second", s.second, open},
		{post, "/login/passkey", s.signInByPasskey, open},
		{post, "/login/passkey/options", s.passkeyOptions, open},
		{post, "/login/oidc", s.signInByIdentity, open},
		{get, "/login/oidc/callback", s.identityCallback, open},
		{get, "/claim", s.claimForm, open},
		{post, "/claim", s.claim, open},
		{get, "/invitation/:secret", s.invitationForm, open},
		{post, "/invitation/:secret", s.invitation, open},
		{post, "/logout", s.signOut, open},

		// One's own ways in
		{get, "/account", s.account, signedIn},
		{post, "/account/password", s.changePassword, signedIn},
		{get, "/account/totp", s.totpForm, signedIn},
		{post, "/account/totp", s.beginTOTP, signedIn},
		{post, "/account/totp/confirm", s.confirmTOTP, signedIn},
		{post, "/account/totp/remove", s.removeTOTP, signedIn},
		{post, "/account/passkeys", s.addPasskey, signedIn},
		{post, "/account/passkeys/options", s.newPasskeyOptions, signedIn},
		{post, "/account/passkeys/remove", s.removePasskey, signedIn},
		{post, "/account/identity", s.linkIdentity, signedIn},
		{post, "/account/identity/remove", s.unlinkIdentity, signedIn},
		{get, "/account/devices", s.listed(s.devices), signedIn},
		{post, "/account/devices/end", s.endDevice, signedIn},
		{post, "/account/seat", s.takeSeat, signedIn},

		// Agreements, and who answers in time
		{get, "/agreements", s.listed(s.agreements), open},
		{get, "/agreements/:agreement", s.agreement, open},
		{get, "/agreements/:agreement/content", s.agreementContent, open},
		{get, "/school/agreements", s.listed(s.schoolAgreements), people(schoolStaff, ofInstitution)},
		{post, "/school/agreements", s.draftAgreement, people(schoolStaff, ofInstitution)},
		{get, "/school/agreements/:agreement", s.schoolAgreement, people(schoolStaff, ofInstitution)},
		{post, "/school/agreements/:agreement", s.actOnAgreement, people(schoolStaff, ofInstitution)},
		{get, "/deadlines", s.listed(s.publicDeadlines), open},
		{get, "/admin/deadlines", s.listed(s.deadlines), people(bankStaff, ofBank)},
		{post, "/admin/deadlines", s.publishDeadlines, people(bank.IsAdministrator, ofBank)},

		// What people are told
		{get, "/messages", s.listed(s.messages), signedIn},
		{get, "/messages/:message", s.openMessage, signedIn},
		{post, "/messages/read", s.readMessages, signedIn},
		{post, "/messages/mail", s.chooseMail, signedIn},

		// The watch over the bank
		{get, "/audit", s.listed(s.auditPage), people(bank.IsAuditor|bank.IsAdministrator, ofBank)},

		// The desk of a school
		{get, "/school", s.school, people(schoolStaff, ofInstitution)},
		{get, "/school/learners/:account", s.listed(s.learner), people(schoolStaff, ofAccount)},
		{get, "/school/learners", s.listed(s.classList), people(schoolStaff, ofInstitution)},
		{post, "/school/learners", s.listed(s.classList), people(schoolStaff, ofInstitution)},
		{get, "/school/deposit", s.depositForm, people(bank.IsRegistrar, ofInstitution)},
		{post, "/school/deposit", s.takeDeposit, people(bank.IsRegistrar, ofInstitution)},
		{get, "/school/correct", s.correctForm, people(schoolStaff, ofInstitution)},
		{post, "/school/correct", s.correctResult, people(schoolStaff, ofInstitution)},
		{post, "/school/learners/:account/reveal", s.revealLearner, people(schoolStaff, ofAccount)},
		{post, "/school/learners/:account/code", s.claimCode, people(bank.IsRegistrar, ofAccount)},
		{get, "/school/staff", s.listed(s.people), people(schoolStaff, ofInstitution)},
		{post, "/school/staff", s.inviteStaff, people(bank.IsRegistrar, ofInstitution)},
		{post, "/school/staff/withdraw", s.withdrawInvitation, people(bank.IsRegistrar, ofInstitution)},
		{post, "/school/staff/:login/role", s.changeRole, people(bank.IsRegistrar, ofInstitution)},
		{post, "/school/staff/:login/disable", s.disableLogin, people(bank.IsRegistrar, ofInstitution)},
		{post, "/school/staff/:login/recover", s.recoverLogin, people(schoolStaff, ofInstitution)},
		{get, "/school/corrections", s.listed(s.corrections), people(schoolStaff, ofInstitution)},
		{post, "/school/corrections/:correction", s.decideCorrection, people(schoolStaff, ofInstitution)},
		{get, "/school/proposals", s.listed(s.proposals), people(schoolStaff, ofInstitution)},
		{post, "/school/proposals", s.propose, people(schoolStaff, ofInstitution)},
		{post, "/school/proposals/:proposal", s.decideProposal, people(schoolStaff, ofInstitution)},
		{get, "/school/map", s.listed(s.findings), people(schoolStaff, ofInstitution)},
		{get, "/school/map/coverage", s.listed(s.coverage), people(schoolStaff, ofInstitution)},
		{get, "/school/map/work", s.listed(s.work), people(schoolStaff, ofInstitution)},
		{post, "/school/map/:finding", s.changeFinding, people(schoolStaff, ofInstitution)},

		// Evaluations: the desk of all who work on the map
		{get, "/evaluations", s.listed(s.evaluations), people(mapStaff, ofInstitution)},
		{get, "/evaluations/new", s.newEvaluation, people(mapProposers, ofInstitution)},
		{post, "/evaluations/new", s.saveEvaluation, people(mapProposers, ofInstitution)},
		{get, "/evaluations/suggestions", s.listed(s.suggestionList), people(mapProposers, ofInstitution)},
		{post, "/evaluations/suggestions", s.refuseSuggestion, people(mapProposers, ofInstitution)},
		{get, "/evaluations/requests", s.listed(s.evaluationRequests), people(mapStaff^bank.IsExpert|bank.IsLearner, ofInstitution)},
		{post, "/evaluations/requests/:request", s.declineRequest, people(mapProposers, ofInstitution)},
		{post, "/evaluations/batch", s.evaluationBatch, people(bank.IsAdministrator, ofBank)},
		{get, "/evaluations/:evaluation", s.evaluation, people(mapStaff, ofInstitution)},
		{post, "/evaluations/:evaluation", s.actOnEvaluation, people(mapStaff^bank.IsAuditor, ofInstitution)},
		{get, "/evaluations/:evaluation/edit", s.editEvaluation, people(mapProposers, ofInstitution)},
		{post, "/evaluations/:evaluation/edit", s.saveEvaluation, people(mapProposers, ofInstitution)},
		// Results beyond courses: the desk of issuers, experts, mentors and who decides
		{get, "/attestations", s.listed(s.attestations), people(attesters, ofInstitution)},
		{get, "/attestations/:attestation", s.attestation, people(attesters, ofInstitution)},
		{post, "/attestations/:attestation", s.actOnAttestation, people(attesters^bank.IsAuditor, ofInstitution)},
		// Courses of a school, and the standard units of the bank
		{get, "/school/courses", s.listed(s.courseList), people(schoolStaff, ofInstitution)},
		{get, "/school/courses/paste", s.pasteCourses, people(bank.IsRegistrar, ofInstitution)},
		{post, "/school/courses/paste", s.pasteCourses, people(bank.IsRegistrar, ofInstitution)},
		{get, "/school/courses/new", s.newCourse, people(bank.IsRegistrar, ofInstitution)},
		{post, "/school/courses/new", s.addCourse, people(bank.IsRegistrar, ofInstitution)},
		{get, "/school/courses/:course", s.editCourse, people(schoolStaff, ofInstitution)},
		{post, "/school/courses/:course", s.saveCourse, people(bank.IsRegistrar, ofInstitution)},
		{post, "/school/courses/:course/files", s.addCourseFiles, people(bank.IsRegistrar, ofInstitution)},
		{get, "/school/programmes", s.listed(s.programmes), people(schoolStaff, ofInstitution)},
		{get, "/school/programmes/new", s.newProgramme, people(bank.IsRegistrar, ofInstitution)},
		{post, "/school/programmes/new", s.addProgramme, people(bank.IsRegistrar, ofInstitution)},
		{get, "/school/programmes/:programme", s.editProgramme, people(schoolStaff, ofInstitution)},
		{post, "/school/programmes/:programme", s.saveProgramme, people(bank.IsRegistrar, ofInstitution)},
		{get, "/school/changes", s.listed(s.courseChanges), people(schoolStaff, ofInstitution)},
		{post, "/school/changes/confirm", s.confirmRule, people(schoolStaff, ofInstitution)},
		{get, "/admin/units", s.listed(s.courseList), people(bankStaff, ofBank)},
		{get, "/admin/units/paste", s.pasteCourses, people(bank.IsAdministrator, ofBank)},
		{post, "/admin/units/paste", s.pasteCourses, people(bank.IsAdministrator, ofBank)},
		{get, "/admin/units/new", s.newCourse, people(bank.IsAdministrator, ofBank)},
		{post, "/admin/units/new", s.addCourse, people(bank.IsAdministrator, ofBank)},
		{get, "/admin/units/:unit", s.editCourse, people(bankStaff, ofBank)},
		{post, "/admin/units/:unit", s.saveCourse, people(bank.IsAdministrator, ofBank)},
		{post, "/admin/units/:unit/files", s.addCourseFiles, people(bank.IsAdministrator, ofBank)},
		{get, "/admin/changes", s.listed(s.courseChanges), people(bankStaff, ofBank)},
		{post, "/admin/changes/confirm", s.confirmRule, people(bank.IsAdministrator, ofBank)},
		{get, "/school/statistics", s.listed(s.statistics), people(schoolStaff, ofInstitution)},
		{get, "/school/applications", s.listed(s.applications), people(schoolStaff, ofInstitution)},
		{post, "/school/applications/covered", s.decideCovered, people(bank.IsDecider, ofInstitution)},
		{get, "/school/applications/:application", s.application, people(schoolStaff, ofInstitution)},
		{get, "/school/applications/:application/plan", s.schoolCase, people(schoolStaff, ofInstitution)},
		{get, "/school/applications/:application/decisions/:decision", s.schoolDecision, people(schoolStaff, ofInstitution)},
		{post, "/school/applications/:application/decision", s.decideApplication, people(bank.IsDecider, ofInstitution)},
		{post, "/school/applications/:application/appeal", s.decideAppeal, people(bank.IsDecider, ofInstitution)},
		{post, "/school/applications/pass", s.setPassAfter, people(bank.IsDecider, ofInstitution)},
		{post, "/school/applications/:application/condition", s.meetCondition, people(bank.IsDecider, ofInstitution)},
		{post, "/school/applications/:application/consequence", s.decideConsequence, people(bank.IsDecider, ofInstitution)},
		{post, "/school/applications/:application/redeem", s.redeemApplication, people(bank.IsDecider, ofInstitution)},
		{post, "/school/applications/:application/assign", s.assignApplication, people(schoolStaff, ofInstitution)},
		{get, "/school/prior", s.listed(s.priors), people(mapStaff, ofInstitution)},
		{get, "/school/prior/:prior", s.prior, people(mapStaff, ofInstitution)},
		{post, "/school/prior/:prior/assign", s.assignPrior, people(mapStaff^bank.IsAuditor^bank.IsExpert, ofInstitution)},
		{post, "/school/prior/:prior/judgement", s.judgePrior, people(bank.IsExpert|bank.IsRegistrar, ofInstitution)},
		{post, "/school/prior/:prior/decision", s.decidePrior, people(bank.IsDecider|bank.IsAdministrator, ofInstitution)},
		{post, "/school/prior/:prior/redeem", s.redeemPrior, people(bank.IsDecider, ofInstitution)},

		// The desk of the bank
		{get, "/admin", s.admin, people(bankStaff, ofBank)},
		{get, "/admin/statistics", s.listed(s.statistics), people(bankStaff, ofBank)},
		{get, "/admin/applications", s.listed(s.applications), people(bankStaff, ofBank)},
		{get, "/admin/applications/:application", s.application, people(bankStaff, ofBank)},
		{get, "/admin/applications/:application/plan", s.schoolCase, people(bankStaff, ofBank)},
		{get, "/admin/applications/:application/decisions/:decision", s.schoolDecision, people(bankStaff, ofBank)},
		{post, "/admin/applications/:application/appeal", s.decideAppeal, people(bank.IsAdministrator, ofBank)},
		{get, "/admin/map", s.listed(s.findings), people(bankStaff, ofBank)},
		{get, "/admin/map/coverage", s.listed(s.coverage), people(bankStaff, ofBank)},
		{get, "/admin/map/work", s.listed(s.work), people(bankStaff, ofBank)},
		{post, "/admin/map/:finding", s.changeFinding, people(bank.IsAdministrator, ofBank)},
		{get, "/admin/people", s.listed(s.people), people(bankStaff, ofBank)},
		{post, "/admin/people", s.inviteStaff, people(bank.IsAdministrator, ofBank)},
		{post, "/admin/people/withdraw", s.withdrawInvitation, people(bank.IsAdministrator, ofBank)},
		{post, "/admin/people/:login/role", s.changeRole, people(bank.IsAdministrator, ofBank)},
		{post, "/admin/people/:login/disable", s.disableLogin, people(bank.IsAdministrator, ofBank)},
		{post, "/admin/people/:login/recover", s.recoverLogin, people(bank.IsAdministrator, ofBank)},
		{get, "/admin/learners", s.listed(s.learners), people(bankStaff, ofBank)},
		{post, "/admin/learners", s.listed(s.learners), people(bankStaff, ofBank)},
		{get, "/admin/learners/:account", s.listed(s.learner), people(bankStaff, ofAccount)},
		{post, "/admin/learners/:account/reveal", s.revealLearner, people(bank.IsAdministrator, ofAccount)},
		{get, "/admin/corrections", s.listed(s.corrections), people(bank.IsAdministrator, ofBank)},
		{post, "/admin/corrections/:correction", s.decideCorrection, people(bank.IsAdministrator, ofBank)},
		{get, "/admin/proposals", s.listed(s.proposals), people(bankStaff, ofBank)},
		{post, "/admin/proposals", s.propose, people(bank.IsAdministrator, ofBank)},
		{post, "/admin/proposals/:proposal", s.decideProposal, people(bank.IsAdministrator, ofBank)},
		{get, "/admin/tokens", s.listed(s.tokens), people(bankStaff, ofBank)},
		{post, "/admin/tokens", s.makeToken, people(bank.IsAdministrator, ofBank)},
		{post, "/admin/tokens/:token/revoke", s.revokeToken, people(bank.IsAdministrator, ofBank)},
		{get, "/admin/retention", s.listed(s.retention), people(bankStaff, ofBank)},
		{post, "/admin/retention/:what", s.setRetention, people(bank.IsAdministrator, ofBank)},

		// Files that are brought in
		{get, "/imports", s.listed(s.imports), people(importSeers, ofInstitution)},
		{post, "/imports", s.bringFile, people(importStaff, ofInstitution)},
		{get, "/imports/templates/:kind", s.importTemplate, people(importSeers, ofNobody)},
		{get, "/imports/:import", s.importOne, people(importSeers, ofInstitution)},
		{get, "/imports/:import/refused.xlsx", s.refusedRows, people(importSeers, ofInstitution)},
		{post, "/imports/:import/kind", s.sayKind, people(importStaff, ofInstitution)},
		{post, "/imports/:import/columns", s.sayColumns, people(importStaff, ofInstitution)},
		{post, "/imports/:import/mend", s.mendImport, people(importStaff, ofInstitution)},
		{post, "/imports/:import/commit", s.commitImport, people(importStaff, ofInstitution)},
		{post, "/imports/:import/cancel", s.cancelImport, people(importStaff, ofInstitution)},
		{post, "/imports/:import/undo", s.undoImport, people(importStaff, ofInstitution)},
		{post, "/imports/:import/drop", s.dropImport, people(importStaff, ofInstitution)},

		// Files of a regional credit bank
		{get, "/regional", s.regional, people(importSeers, ofInstitution)},
		{post, "/regional/look", s.lookRegional, people(importStaff, ofInstitution)},
		{post, "/regional/left", s.regionalLeftFile, people(importStaff, ofInstitution)},
		{post, "/regional/file", s.regionalFile, people(importStaff, ofInstitution)},
		{post, "/regional/codes", s.regionalCodes, people(bank.IsAdministrator, ofBank)},

		// The calendar of the bank
		{get, "/admin/calendar", s.listed(s.calendar), people(bankStaff, ofBank)},
		{post, "/admin/calendar", s.setHoliday, people(bank.IsAdministrator, ofBank)},
		{post, "/admin/calendar/paste", s.pasteHolidays, people(bank.IsAdministrator, ofBank)},

		// Policies and caps
		{get, "/admin/policies", s.listed(s.policies), people(bankStaff, ofBank)},
		{post, "/admin/policies", s.proposePolicy, people(bank.IsAdministrator, ofBank)},
		{post, "/admin/policies/preview", s.previewPolicy, people(bank.IsAdministrator, ofBank)},

		// Work that goes on, and what a change would do
		{get, "/jobs/:job", s.jobPage, people(whoWorks, ofInstitution)},
		{post, "/jobs/:job/cancel", s.cancelJob, people(schoolStaff|bank.IsExpert|bank.IsAdministrator, ofInstitution)},
		{post, "/impact", s.startImpact, people(schoolStaff|bank.IsExpert|bank.IsAdministrator, ofInstitution)},
		{get, "/impact/:job", s.listed(s.impactPage), people(whoWorks, ofInstitution)},
		{post, "/impact/:job/look", s.lookAtImpact, people(schoolStaff|bankStaff, ofInstitution)},

		// A learner's own
		{get, "/my", s.listed(s.whileAgreed(s.myRecord)), learner},
		{post, "/my/numbers", s.whileAgreed(s.myNumbers), learner},
		{get, "/my/options", s.listed(s.whileAgreed(s.options)), learner},
		{post, "/my/options", s.whileAgreed(s.takeExpected), learner},
		{get, "/my/plan", s.whileAgreed(s.myPlan), learner},
		{get, "/my/apply", s.whileAgreed(s.apply), learner},
		{post, "/my/apply", s.whileAgreed(s.takeApplication), learner},
		{get, "/my/applications", s.listed(s.whileAgreed(s.myApplications)), learner},
		{get, "/my/applications/:application", s.whileAgreed(s.myApplication), learner},
		{get, "/my/applications/:application/plan", s.whileAgreed(s.myCase), learner},
		{get, "/my/applications/:application/decisions/:decision", s.whileAgreed(s.myDecision), learner},
		{post, "/my/applications/:application/discard", s.whileAgreed(s.discardApplication), learner},
		{post, "/my/applications/:application/withdraw", s.whileAgreed(s.withdrawApplication), learner},
		{post, "/my/applications/:application/attach", s.whileAgreed(s.attachToApplication), learner},
		{post, "/my/applications/:application/appeal", s.whileAgreed(s.appeal), learner},
		{post, "/my/applications/:application/appeal/withdraw", s.whileAgreed(s.withdrawAppeal), learner},
		{get, "/my/prior", s.listed(s.whileAgreed(s.myPriors)), learner},
		{get, "/my/prior/new", s.whileAgreed(s.newPrior), learner},
		{post, "/my/prior/new", s.whileAgreed(s.takePrior), learner},
		{get, "/my/prior/:prior", s.whileAgreed(s.myPrior), learner},
		{post, "/my/prior/:prior", s.whileAgreed(s.takePrior), learner},
		{post, "/my/prior/:prior/discard", s.whileAgreed(s.discardPrior), learner},
		{post, "/my/prior/:prior/withdraw", s.whileAgreed(s.withdrawPrior), learner},
		{post, "/my/prior/:prior/appeal", s.whileAgreed(s.appealPrior), learner},
		{get, "/my/results", s.listed(s.whileAgreed(s.myResults)), learner},
		{get, "/my/results/new", s.whileAgreed(s.newResult), learner},
		{post, "/my/results/new", s.whileAgreed(s.handIn), learner},
		{get, "/my/results/:attestation", s.whileAgreed(s.myResult), learner},
		{post, "/my/results/:attestation", s.whileAgreed(s.actOnMyResult), learner},
		{get, "/my/compare", s.listed(s.whileAgreed(s.compare)), learner},
		{post, "/my/goal", s.whileAgreed(s.setGoal), learner},
		{post, "/my/goal/remove", s.whileAgreed(s.dropGoal), learner},
		{get, "/my/entries", s.listed(s.whileAgreed(s.myEntries)), learner},
		{get, "/my/looks", s.listed(s.whileAgreed(s.myLooks)), learner},
		{get, "/my/grants", s.listed(s.whileAgreed(s.myGrants)), learner},
		{post, "/my/grants", s.whileAgreed(s.addGrant), learner},
		{post, "/my/grants/withdraw", s.whileAgreed(s.withdrawGrant), learner},
		{get, "/my/corrections", s.listed(s.whileAgreed(s.myCorrections)), learner},
		{post, "/my/corrections", s.whileAgreed(s.addCorrection), learner},
		{post, "/my/corrections/withdraw", s.whileAgreed(s.withdrawCorrection), learner},
		{get, "/my/requests", s.listed(s.whileAgreed(s.myRequests)), learner},
		{post, "/my/requests", s.whileAgreed(s.addRequest), learner},
		{post, "/my/requests/withdraw", s.whileAgreed(s.withdrawRequest), learner},
		{get, "/my/consents", s.listed(s.myConsents), learner},
		{post, "/my/consents", s.giveConsent, learner},
		{post, "/my/consents/withdraw", s.withdrawConsent, learner},
		{get, "/my/data", s.myData, learner},
		{get, "/my/data/export", s.exportData, learner},
		{post, "/my/data/erasure", s.requestErasure, learner},
		{post, "/my/data/erasure/withdraw", s.withdrawErasure, learner},
		{get, "/shared/:secret", s.shared, open},

		// Files; the bank says who sees which
		{get, "/attachments/:attachment", s.attachment, open},

		// API for everybody
		{get, apiBase + "/openapi.json", s.openAPI, open},
		{post, apiBase + "/check", s.check, open},
		{get, apiBase + "/institutions", s.listInstitutions, open},
		{get, apiBase + "/institutions/:id", s.getInstitution, open},
		{get, apiBase + "/programmes", s.listProgrammes, open},
		{get, apiBase + "/programmes/:id", s.getProgramme, open},
		{get, apiBase + "/courses", s.listCourses, open},
		{get, apiBase + "/courses/:id", s.getCourse, open},
		{get, apiBase + "/equivalences", s.listEquivalences, open},
		{get, apiBase + "/equivalences/:id", s.getEquivalence, open},
		{get, apiBase + "/ledger/checkpoint", s.checkpoint, open},
		{get, apiBase + "/ledger/tile/*", s.tile, open},
		{get, apiBase + "/ledger/entries/:number/proof", s.proof, open},
		{get, apiBase + "/ledger/consistency", s.consistency, open},
		{get, apiBase + "/ledger/keys", s.ledgerKeys, open},

		// API for schools' systems
		{get, apiBase + "/learners/:account", s.getAccount, system(bank.MayRead)},
		{get, apiBase + "/learners/:account/records", s.listResults, system(bank.MayRead)},
		{post, apiBase + "/learners/:account/records", s.deposit, system(bank.MayDeposit)},
		{get, apiBase + "/learners/:account/statement", s.listEntries, system(bank.MayRead)},

		{post, apiBase + "/courses", s.postCourse, system(bank.MayMap)},
		{post, apiBase + "/applications", s.postApplication, system(bank.MayApply)},
		{get, apiBase + "/applications/:application", s.getApplication, system(bank.MayApply)},
		{post, apiBase + "/applications/:application/decision", s.postDecision, system(bank.MayApply)},
		{post, apiBase + "/applications/:application/appeal", s.postAppeal, system(bank.MayApply)},
		{get, apiBase + "/attestations", s.listAttestations, system(bank.MayDeposit)},
		{post, apiBase + "/attestations", s.postAttestation, system(bank.MayDeposit)},
		{get, apiBase + "/attestations/:attestation", s.getAttestation, system(bank.MayDeposit)},
		{post, apiBase + "/attestations/:attestation/action", s.postAttestationAction, system(bank.MayDeposit)},
		{get, apiBase + "/prior-learning", s.listPriors, system(bank.MayApply)},
		{get, apiBase + "/prior-learning/:prior", s.getPrior, system(bank.MayApply)},
		{post, apiBase + "/equivalences", s.postEvaluation, system(bank.MayMap)},
		{get, apiBase + "/equivalences/:evaluation/evaluation", s.getEvaluation, system(bank.MayMap)},
		{post, apiBase + "/equivalences/:evaluation/submit", s.submitEvaluation, system(bank.MayMap)},
		{post, apiBase + "/equivalences/:evaluation/opinion", s.opineEvaluation, system(bank.MayMap)},
		{post, apiBase + "/equivalences/:evaluation/decision", s.decideEvaluation, system(bank.MayMap)},

		// Operation
		{get, "/healthz", s.healthy, open},
		{get, "/readyz", s.ready, open},
	}
}

// routes serves the table.
func (s *Server) routes(metrics bool) {
	api := s.echo.Group(apiBase, s.enforceAPI)
	s.served = map[string]bool{}
	for _, r := range s.table() {
		s.served[r.path] = s.served[r.path] || r.method == get
		if path, is := strings.CutPrefix(r.path, apiBase+"/"); is {
			api.Add(r.method, "/"+path, r.handle, s.admit(r.may))
		} else {
			s.echo.Add(r.method, r.path, r.handle, s.admit(r.may))
		}
	}
	if metrics {
		s.echo.GET("/metrics", s.metrics)
	}
}
