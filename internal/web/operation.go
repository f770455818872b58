package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"creditbank/internal/bank"
)

// healthy says that the process answers.
func (s *Server) healthy(c echo.Context) error { return c.String(http.StatusOK, "ok") }

// ready says whether questions can be answered: the database is there and the
// map loads. Else it is 503 with a problem, on every path the same: its readers
// are programs.
func (s *Server) ready(c echo.Context) error {
	err := s.ableToAnswer(c.Request().Context())
	if err == nil {
		return c.String(http.StatusOK, "ready")
	}
	s.log.Error("not ready", slog.Any("error", err))
	problem := Problem{Type: "about:blank", Title: s.speaker(c).Say("error.not_ready", nil), Status: http.StatusServiceUnavailable, Code: "internal"}
	c.Response().Header().Set(echo.HeaderContentType, "application/problem+json")
	c.Response().WriteHeader(problem.Status)
	return writeJSON(c.Response(), problem)
}

// errDraining keeps new work away from a server that is about to stop.
var errDraining = errors.New("the server is about to stop")

func (s *Server) ableToAnswer(ctx context.Context) error {
	if s.draining.Load() {
		return errDraining
	}
	if err := s.bank.Ready(ctx); err != nil {
		return err
	}
	_, err := s.bank.Snapshot(ctx)
	return err
}

// metrics shows the counters in the form of Prometheus.
func (s *Server) metrics(c echo.Context) error {
	s.meter.handler.ServeHTTP(c.Response(), c.Request())
	return nil
}

// meter counts what the server does. Its series grow with the route table
// alone: no host, address or value of a request is a label.
type meter struct {
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	handler  http.Handler
}

func newMeter(b *bank.Bank) *meter {
	m := &meter{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "creditbank_http_requests_total", Help: "Answered requests by route pattern, method and class of status.",
		}, []string{"method", "route", "status"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "creditbank_http_request_duration_seconds", Help: "Time to answer by route pattern and method.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"method", "route"}),
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(m.requests, m.duration, newMapGauges(b), writeCounter(b, "writes", "Writes that were asked for.", func(l bank.Load) int64 { return l.Writes }),
		writeCounter(b, "commits", "Transactions that held them: one flush each.", func(l bank.Load) int64 { return l.Commits }),
		writeCounter(b, "refused", "Writes refused because too many were waiting.", func(l bank.Load) int64 { return l.Refused }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "creditbank_writes_waiting", Help: "Writes that wait for their turn."},
			func() float64 { return float64(b.Load().Waiting) }), collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.handler = promhttp.HandlerFor(registry, promhttp.HandlerOpts{DisableCompression: true})
	return m
}

func writeCounter(b *bank.Bank, name, help string, of func(bank.Load) int64) prometheus.CounterFunc {
	return prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "creditbank_" + name + "_total", Help: help}, func() float64 { return float64(of(b.Load())) })
}

func (m *meter) count(method, route string, status int, took time.Duration) {
	m.requests.WithLabelValues(method, route, strconv.Itoa(status/100)+"xx").Inc()
	m.duration.WithLabelValues(method, route).Observe(took.Seconds())
}

// mapGauges tell of the map that is served, read when someone looks.
type mapGauges struct {
	bank                       *bank.Bank
	up, version, rules, faults *prometheus.Desc
}

func newMapGauges(b *bank.Bank) *mapGauges {
	describe := func(name, help string) *prometheus.Desc {
		return prometheus.NewDesc("creditbank_"+name, help, nil, nil)
	}
	return &mapGauges{
		bank: b, up: describe("database_up", "1 when the database answers and the map loads."),
		version: describe("map_version", "Number of the map that is served."),
		rules:   describe("map_rules", "Published equivalences that are served."),
		faults:  describe("map_faults", "Stored facts that cannot be served and are left out of the map."),
	}
}

// Describe implements prometheus.Collector.
func (g *mapGauges) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{g.up, g.version, g.rules, g.faults} {
		out <- d
	}
}

// lookFor is how long a look at the map may take.
const lookFor = 5 * time.Second

// Collect implements prometheus.Collector.
func (g *mapGauges) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), lookFor)
	defer cancel()
	tell := func(d *prometheus.Desc, value float64) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value)
	}
	s, err := g.bank.Snapshot(ctx)
	if err == nil {
		err = g.bank.Ready(ctx)
	}
	if err != nil {
		tell(g.up, 0)
		return
	}
	tell(g.up, 1)
	tell(g.version, float64(s.Version))
	tell(g.rules, float64(s.Map.Size()))
	tell(g.faults, float64(len(s.Map.Faults())))
}
