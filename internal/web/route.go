package web

import "creditbank/internal/bank"

// routes is the site map, with who may: what is needed stands beside the path;
// all else is for everybody, without a login.
func (s *Server) routes(metrics bool) {
	e := s.echo

	// Pages
	e.GET("/", s.home)
	e.POST("/", s.takeList)
	e.GET("/example", s.example)
	e.GET("/plan", s.plan)
	e.GET("/map", s.mapPage)
	e.GET("/institutions/:id", s.institutionPage)
	e.GET("/programmes/:id", s.programmePage)
	e.GET("/courses/:id", s.coursePage)
	e.GET("/equivalences/:id", s.equivalencePage)
	e.GET("/ledger", s.ledgerPage)
	e.POST("/language", s.chooseLanguage)
	e.GET("/suggest", s.suggest)
	e.GET("/assets/*", s.asset)
	e.GET("/favicon.ico", s.favicon)

	// API
	e.GET("/api/docs", s.apiDocs)
	api := e.Group("/api/v1", s.enforceAPI)
	api.GET("/openapi.json", s.openAPI)
	api.POST("/check", s.check)
	api.GET("/institutions", s.listInstitutions)
	api.GET("/institutions/:id", s.getInstitution)
	api.GET("/programmes", s.listProgrammes)
	api.GET("/programmes/:id", s.getProgramme)
	api.GET("/courses", s.listCourses)
	api.GET("/courses/:id", s.getCourse)
	api.GET("/equivalences", s.listEquivalences)
	api.GET("/equivalences/:id", s.getEquivalence)
	mayDeposit, mayRead := s.bearer(bank.MayDeposit), s.bearer(bank.MayRead)
	api.GET("/learners/:account", s.getAccount, mayRead)
	api.GET("/learners/:account/records", s.listResults, mayRead)
	api.POST("/learners/:account/records", s.deposit, mayDeposit)
	api.GET("/learners/:account/statement", s.listEntries, mayRead)
	api.GET("/ledger/checkpoint", s.checkpoint)
	api.GET("/ledger/tile/*", s.tile)
	api.GET("/ledger/entries/:number/proof", s.proof)
	api.GET("/ledger/consistency", s.consistency)
	api.GET("/ledger/keys", s.ledgerKeys)

	// Operation
	e.GET("/healthz", s.healthy)
	e.GET("/readyz", s.ready)
	if metrics {
		e.GET("/metrics", s.metrics)
	}
}
