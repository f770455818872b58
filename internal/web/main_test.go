package web

import (
	"os"
	"testing"

	"creditbank/internal/testbed"
)

func TestMain(m *testing.M) { os.Exit(testbed.Main(m)) }
