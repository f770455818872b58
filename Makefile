STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2

.PHONY: help run test lint bench attack fmt tools

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-6s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## start a bank with demo data on this machine
	go run ./cmd/creditbank demo

test: tools ## run all tests; CREDITBANK_TEST_REQUIRE=postgres,browser,solver,strace,shared forbids skipping
	CREDITBANK_TEST_REQUIRE="$${CREDITBANK_TEST_REQUIRE-$$(.ci/require)}" go test -timeout 15m ./...

lint: tools ## check the format and look for mistakes
	@unformatted="$$(gofmt -l .)"; if [ -n "$$unformatted" ]; then echo "not formatted, see make fmt:"; echo "$$unformatted"; exit 1; fi
	go vet ./...
	go run $(STATICCHECK) ./...

bench: ## measure
	go test -run '^$$' -bench . -benchmem ./...

attack: ## let sqlmap and wapiti loose on the demo, on this machine alone, as each role (about half an hour)
	.ci/attack

fmt: ## format
	gofmt -w .

tools:
	@.ci/install
