package web

// routes is the site map. Who may: everything here is public; nothing needs a login.
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

	// Operation
	e.GET("/healthz", s.healthy)
	e.GET("/readyz", s.ready)
	if metrics {
		e.GET("/metrics", s.metrics)
	}
}
