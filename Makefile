# Every task of this repository; `make help` lists them. Long work and the order of things are in commands/lab/.

# The lab that a command means; two labs never meet.
LAB ?= lab

kjerne := node --import tsx commands/lab/main.ts
policy := node --import tsx commands/up.ts
layer = node --import tsx --test --test-concurrency=$(or $(2),2) $(wildcard test/$(1)/*.test.ts)

.DEFAULT_GOAL := help
.PHONY: help lab lab-down lab-status env up preview review evidence catalogue test check mutation setup go

help: ## Show this list
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|'

lab: node_modules go ## Bring up a verified cluster on this machine (LAB=name for another one beside it)
	@$(kjerne) lab $(LAB)

lab-status: node_modules ## Verify the running lab again
	@$(kjerne) lab-status $(LAB)

lab-down: node_modules ## Remove a lab: processes, namespaces, disks, state
	@$(kjerne) lab-down $(LAB)

env: node_modules ## Print the lab's environment: eval "$$(make -s env)"
	@$(kjerne) env $(LAB)

up: node_modules ## Bring up a stack judged by the policy packs, before and after: make up STACK=oslo
	@$(policy) up --stack '$(STACK)' --flags='$(FLAGS)'

preview: node_modules ## Show what up would do, judged by the policy packs: make preview STACK=oslo
	@$(policy) preview --stack '$(STACK)' --flags='$(FLAGS)'

review: node_modules ## Tell what a change does to each stack and whether the policy packs let it pass: make review BASE=main
	@node --import tsx commands/review.ts --base '$(BASE)' $(if $(STACK),--stack '$(STACK)')

evidence: node_modules ## Write what rules find in a stack's state: make evidence STACK=oslo KEY=~/.ssh/id_ed25519 VANTAGE=10.20.0.3:22=Oslo
	@node --import tsx commands/evidence.ts --stack '$(STACK)' $(if $(KEY),--key '$(KEY)') $(if $(VANTAGE),--live $(foreach at,$(VANTAGE),--vantage '$(at)'))

catalogue: node_modules ## Write docs/rules.md and docs/evidence.schema.json from the rules
	@node --import tsx commands/catalogue.ts

check: node_modules ## Types, formatting, lint
	@npm run --silent check

test: check setup ## Run every test, fast ones first
	$(call layer,unit)
	$(call layer,tools,1)
	$(call layer,engine)
	$(call layer,policies)
	$(call layer,review,1)
	$(call layer,api,1)
	$(call layer,e2e,1)

mutation: node_modules ## Break the policy rules in one place after another; a test has to notice each
	@node --import tsx test/policies/mutation.ts

setup: node_modules go ## Install and build what tests and lab need
	@$(kjerne) setup

go:
	@command -v go > /dev/null || { echo 'kjerne builds what nodes install with Go 1.23 or later: https://go.dev/doc/install'; exit 1; }

node_modules: package-lock.json
	@command -v node > /dev/null || { echo 'kjerne needs Node.js 20.19 or later: https://nodejs.org/en/download'; exit 1; }
	npm ci --ignore-scripts --no-audit --no-fund
	@touch node_modules
