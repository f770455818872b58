package bank

import "strings"

// Actor is who asks, with all that decides what they may: the operator of the
// command line, a person who is logged in, a school's system with a token, or
// nobody in particular. The zero value may nothing.
type Actor struct {
	Name        string // as entries and the audit log keep it; no personal data
	Roles       Roles  // what they are at this moment
	Institution string // where a registrar, expert, decider or system is one; empty: nowhere
	Scopes      Scopes // what a system's token allows
	Login       string // of a person who is logged in
	Learner     string // their account, of a learner
	Origin      string // where the request comes from, as the audit log keeps it: a network, never a whole address
}

// Roles are what an actor is, as a set.
type Roles uint8

// The roles (product: roles and scopes). Registrars, experts and deciders are so
// within one institution, administrators and auditors in the bank.
const (
	IsLearner Roles = 1 << iota
	IsRegistrar
	IsExpert
	IsDecider
	IsAdministrator
	IsAuditor
	IsSystem   // a school's system with a token
	IsOperator // whoever runs commands beside the database
)

// RoleNames lists the names of the roles in the order of their bits, as tables,
// the command line and the API say them.
func RoleNames() []string {
	return []string{"learner", "registrar", "expert", "decider", "administrator", "auditor", "system", "operator"}
}

// Names lists the names of the roles of the set.
func (r Roles) Names() []string {
	var names []string
	for i, name := range RoleNames() {
		if r&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return names
}

// Visitor is anyone, without a login.
var Visitor = Actor{Name: "visitor"}

// Operator is whoever may read and write the database itself, by the name under
// which the audit log keeps what they do.
func Operator(name string) Actor { return Actor{Name: name, Roles: IsOperator} }

// Is says whether the actor is one of these.
func (a Actor) Is(any Roles) bool { return a.Roles&any != 0 }

// need lets through whoever is one of these. It promises Denied.
func (a Actor) need(any Roles) error {
	if a.Is(any) {
		return nil
	}
	return &Error{Code: Denied, Key: "error.role"}
}

// allow says whether the actor may do what a scope is for at all; where, and on
// whom, is the method's to say. It promises Denied.
func (a Actor) allow(scope Scopes) error {
	may := IsOperator | IsRegistrar
	if scope == MayRead {
		may |= IsLearner | IsDecider | IsAdministrator | IsAuditor
	}
	if a.Is(may) || a.Is(IsSystem) && a.Scopes&scope != 0 {
		return nil
	}
	return &Error{Code: Denied, Key: "error.scope", Args: map[string]any{"Scope": strings.Join(scope.Names(), ", ")}}
}

// seesAll says whether the actor may see the account of every learner: those who
// answer for the whole bank.
func (a Actor) seesAll() bool { return a.Is(IsOperator | IsAdministrator | IsAuditor) }
