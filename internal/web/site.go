package web

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
)

// siteAddress is where the site is for the world: what links are made of, which
// hosts are answered, whether connections are safe.
type siteAddress struct {
	url *url.URL // nil: whatever the request says
}

// readAddress takes https://HOST[:PORT], or http:// for this machine alone; ""
// is no address. It promises Invalid.
func readAddress(text string) (siteAddress, error) {
	if text == "" {
		return siteAddress{}, nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" ||
		u.Scheme != "https" && (u.Scheme != "http" || !ownMachine(u.Host)) {
		return siteAddress{}, &bank.Error{Code: bank.Invalid, Key: "error.site_url", Args: map[string]any{"URL": text}}
	}
	return siteAddress{&url.URL{Scheme: u.Scheme, Host: strings.ToLower(u.Host)}}, nil
}

// of is the address as links name it, without a slash at its end.
func (a siteAddress) of(r *http.Request) string {
	if a.url != nil {
		return a.url.String()
	}
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// safe says whether browsers come over TLS, here or at a proxy. Only this
// machine is ever reached without it.
func (a siteAddress) safe(r *http.Request) bool {
	if a.url != nil {
		return a.url.Scheme == "https"
	}
	return r.TLS != nil || !ownMachine(r.Host)
}

// hostOnly begins the name of a cookie that browsers hold to one host.
const hostOnly = "__Host-"

// cookie is the name of a cookie of this site. Over TLS browsers hold it to this
// host and the whole of it (ASVS 5.0, 3.3.3).
func (a siteAddress) cookie(r *http.Request, name string) string {
	if a.safe(r) {
		return hostOnly + name
	}
	return name
}

// answers says whether a request was meant for this site. This machine may use
// any of its own names.
func (a siteAddress) answers(r *http.Request) bool {
	return a.url == nil || strings.EqualFold(r.Host, a.url.Host) || ownMachine(a.url.Host) && ownMachine(r.Host)
}

// ownMachine says whether a host is this machine under a name of its own.
func ownMachine(host string) bool {
	name := host
	if alone, _, err := net.SplitHostPort(host); err == nil {
		name = alone
	}
	if name == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(strings.Trim(name, "[]"))
	return err == nil && ip.IsLoopback()
}

// addressExtractor finds the address of a client: the other end of the
// connection or, when that is a proxy that is trusted, what it says.
func addressExtractor(proxies []string) (echo.IPExtractor, error) {
	if len(proxies) == 0 {
		return echo.ExtractIPDirect(), nil
	}
	trust := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, text := range proxies {
		_, network, err := net.ParseCIDR(text)
		if err != nil {
			return nil, &bank.Error{Code: bank.Invalid, Key: "error.site_proxy", Args: map[string]any{"Network": text}}
		}
		trust = append(trust, echo.TrustIPRange(network))
	}
	return echo.ExtractIPFromXFFHeader(trust...), nil
}

// origin is where a request comes from as the audit log keeps it: the network
// (/24 of IPv4, /48 of IPv6), which tells school from home and names nobody.
func origin(c echo.Context) string {
	ip, err := netip.ParseAddr(c.RealIP())
	if err != nil {
		return ""
	}
	ip = ip.Unmap().WithZone("")
	bits := 48
	if ip.Is4() {
		bits = 24
	}
	network, err := ip.Prefix(bits)
	if err != nil {
		return ""
	}
	return network.String()
}
