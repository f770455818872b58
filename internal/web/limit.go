package web

import (
	"hash/maphash"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
	"golang.org/x/time/rate"

	"creditbank/internal/bank"
)

// limits hold back whoever asks more than their share. Who asks is kept as a
// keyed hash, in a table of fixed size: a flood of addresses costs no memory,
// and two that share a slot share an allowance.
type limits struct {
	all     *limiter // every request, by address
	people  *limiter // whoever is signed in, wherever they ask from
	systems *limiter // requests with a token, by address and by token
	doors   *limiter // sign-in, claims and whatever else takes a secret, by address
}

// Shares of one address. A school of a thousand behind one address fits in; its
// system may ask far more than a person can.
const (
	ofSystems    = 20              // times as often
	burstOfAll   = 10              // times the rate a second
	doorEvery    = 2 * time.Second // one try comes back
	doorBurst    = 60              // a class that claims its accounts together
	limiterSlots = 1 << 14
)

// newLimits allows so many requests a second and address; 0: any number.
func newLimits(perSecond float64) *limits {
	if perSecond <= 0 {
		return &limits{}
	}
	share := func(perSecond float64) *limiter {
		return newLimiter(rate.Limit(perSecond), max(int(perSecond*burstOfAll), 1))
	}
	return &limits{all: share(perSecond), people: share(perSecond), systems: share(ofSystems * perSecond), doors: newLimiter(rate.Every(doorEvery), doorBurst)}
}

// limiter is a table of buckets.
type limiter struct {
	seed  maphash.Seed
	mu    sync.Mutex
	slots [limiterSlots]*rate.Limiter
	limit rate.Limit
	burst int
}

func newLimiter(limit rate.Limit, burst int) *limiter {
	return &limiter{seed: maphash.MakeSeed(), limit: limit, burst: burst}
}

// wait is how long a caller has to wait for their turn; 0: it is now.
func (l *limiter) wait(who string, now time.Time) time.Duration {
	if l == nil {
		return 0
	}
	at := maphash.String(l.seed, who) % limiterSlots
	l.mu.Lock()
	bucket := l.slots[at]
	if bucket == nil {
		bucket = rate.NewLimiter(l.limit, l.burst)
		l.slots[at] = bucket
	}
	l.mu.Unlock()
	turn := bucket.ReserveN(now, 1)
	delay := turn.DelayFrom(now)
	if delay > 0 {
		turn.CancelAt(now)
	}
	return delay
}

// doorPaths begin the paths on which a secret can be guessed.
var doorPaths = [...]string{"/login", "/claim", "/invitation/", "/shared/"}

// hold refuses whoever asks more than their share. It promises TooMany.
func (l *limits) hold(c echo.Context) error {
	who, now := c.RealIP(), time.Now()
	of := l.all
	if c.Request().Header.Get(echo.HeaderAuthorization) != "" && isAPI(c) {
		of = l.systems
	}
	wait := of.wait(who, now)
	if wait == 0 && c.Request().Method == post && isDoor(c.Request().URL.Path) {
		wait = l.doors.wait(who, now)
	}
	return tooFast(wait)
}

// holdActor refuses whoever asks more than their share, from however many
// addresses. It promises TooMany.
func (l *limits) holdActor(actor bank.Actor) error {
	of := l.people
	if actor.Is(bank.IsSystem) {
		of = l.systems
	}
	return tooFast(of.wait(actor.Name, time.Now()))
}

// tooFast is the refusal of a request that comes so much too soon; nil for none.
func tooFast(wait time.Duration) error {
	if wait == 0 {
		return nil
	}
	return &bank.Error{Code: bank.TooMany, Key: "error.too_fast", Args: map[string]any{"Seconds": int(wait/time.Second) + 1}}
}

func isDoor(path string) bool {
	for _, begin := range doorPaths {
		if strings.HasPrefix(path, begin) {
			return true
		}
	}
	return false
}
