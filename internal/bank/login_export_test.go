package bank

// NoPassword is the hash that no password has.
const NoPassword = noPassword

// PasswordFault says what is wrong with a password.
func PasswordFault(password string, known []string) string {
	return passwordFault(plainPassword(password), known)
}
