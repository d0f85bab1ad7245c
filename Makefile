# Every task of this repository; `make help` lists them. Long work and the order of things are in commands/.

# The lab that a command means; two labs never meet.
LAB ?= lab

kjerne := node --import tsx commands/lab/main.ts
policy := node --import tsx commands/up.ts

# FILE and NAME count only where they are given to make: a shell may have a NAME of its own.
given = $(filter command,$(origin $(1)))

# Test files of a layer, or the one that FILE names.
only = $(if $(call given,FILE),$(patsubst %.test.ts,%,$(notdir $(FILE))),*)
# Tests of benchmarks and of what they run in a guest can't lie there: they use parts of the tests.
beside-unit = bench/$(only).test.ts
beside-virtual = bench/kube-proxy-modes/$(only).test.ts
files = $(or $(wildcard test/$(1)/$(only).test.ts $(beside-$(1))),$(error There is no test/$(1)/$(only).test.ts; choose one of: \
	$(sort $(patsubst test/$(1)/%.test.ts,%,$(wildcard test/$(1)/*.test.ts)))))

# Runs a layer: its folder, and how many files at a time.
named := --test-name-pattern="$$NAME" --test-reporter=./test/named.mjs --test-reporter-destination=stdout
layer = @node --import tsx --test --test-concurrency=$(2) $(if $(call given,NAME),$(named)) $(call files,$(1))

# What a layer needs on the machine. A single file gets nothing set up: most need nothing, others make what they lack.
needs = $(if $(call given,FILE),,$(1))

# What make new asks, each to be answered by a variable: tools/new/questions.ts.
questions := STACK MACHINES HYPERVISORS BRIDGE NODE_ADDRESSES TIME KEY ENDPOINT NODE_NETWORK COUNTRY CITY OPERATOR SUPPORT DATA_CLASS STATE CUSTODIAN PACKAGES \
	PACKAGES_KEY IMAGES MIRROR_OPERATOR CALICO INDEX

golden = $(shell grep -lE 'from "./golden(-files)?"' test/unit/*.test.ts)

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help lab lab-status lab-cis lab-bottlenecks lab-node lab-down env report new network preview up verify review evidence bench lock forget check \
	unit golden catalogue test test-layers test-tools test-engine test-policies test-review test-api test-e2e test-virtual restore-drill replace-drill upgrade-drill upstream-drill reflectors-drill chaos mutation setup packages \
	engine supply go

help: ## Show this list
	@awk '/^##@ / { print "\n" substr($$0, 5) } \
		match($$0, /: .*## /) && /^[a-z]/ { printf "  make %-14s %s\n", substr($$0, 1, index($$0, ":") - 1), substr($$0, RSTART + RLENGTH) }' $(MAKEFILE_LIST)

##@ Use it
lab: node_modules go ## Bring up a verified cluster on this machine; LAB=name for another one beside it
	@$(kjerne) lab $(LAB) $(foreach of,MACHINES CONTROL_PLANES WORKERS KVM_WORKERS FABRIC LOAD_BALANCERS ENDPOINT_BY DEBIAN,$(if $(call given,$(of)),$(of)='$($(of))'))

lab-status: node_modules ## Verify the running lab again
	@$(kjerne) lab-status $(LAB)

lab-cis: node_modules go ## Controls of the CIS benchmark on the lab's nodes, by kube-bench
	@$(kjerne) lab-cis $(LAB)

lab-bottlenecks: node_modules ## Hold a native lab back in seven ways, and see whether make report names each
	@$(kjerne) lab-bottlenecks $(LAB)

lab-node: node_modules ## Reboot a native node, cut its power, network or disk: NODE=cp1 DO=cut-power
	@$(kjerne) lab-node $(LAB) $(if $(call given,NODE),NODE='$(NODE)') $(if $(call given,DO),DO='$(DO)')

lab-down: node_modules ## Remove a lab: processes, namespaces, disks, state
	@$(kjerne) lab-down $(LAB)

env: node_modules ## Print the lab's environment: eval "$(make -s env)"
	@$(kjerne) env $(LAB)

report: node_modules ## Measure a running cluster, and tell what is the bottleneck: LAB=name or STACK=oslo
	@node --import tsx commands/report.ts $(if $(call given,STACK),--stack '$(STACK)',--lab '$(LAB)')

new: node_modules ## Ask, look at machines, and write the settings of a new stack: STACK=oslo MACHINES='debian@203.0.113.7 …'
	@node --import tsx commands/new.ts $(foreach of,$(questions),$(if $(call given,$(of)),$(of)='$(subst ','\'',$($(of)))'))

network: node_modules ## Explain a stack's network, and write its routers' configuration: STACK=oslo
	@node --import tsx commands/network.ts --stack '$(STACK)' $(if $(call given,OUTPUT),--output '$(OUTPUT)')

preview: node_modules ## Show what up would do, judged by the policy packs: STACK=oslo
	@$(policy) preview --stack '$(STACK)' --flags='$(FLAGS)'

up: node_modules ## Bring up a stack, judged before and after: STACK=oslo (STAND_INS=allow: without an official Pulumi)
	@$(policy) up --stack '$(STACK)' --flags='$(FLAGS)' $(if $(STAND_INS),--stand-ins '$(STAND_INS)')

verify: node_modules ## Verify a running cluster again, and write metrics and alerting rules: STACK=oslo EVERY=15 (minutes)
	@node --import tsx commands/verify.ts --stack '$(STACK)' $(if $(call given,EVERY),--every '$(EVERY)') $(if $(call given,OUTPUT),--output '$(OUTPUT)')

evidence: node_modules ## Write what rules find in a stack's state: STACK=oslo KEY=~/.ssh/id_ed25519; LIVE=yes: and on its nodes
	@node --import tsx commands/evidence.ts --stack '$(STACK)' $(if $(KEY),--key '$(KEY)') $(if $(call given,LIVE)$(VANTAGE),--live) $(foreach at,$(VANTAGE),--vantage '$(at)')

bench: node_modules $(if $(call given,NAME),,setup) ## Measure, beside goals; a page in bench/results: NAME=services, or all
	@node --import tsx bench/main.ts $(if $(call given,NAME),$(NAME))

lock: node_modules ## Write down what repositories and registries serve, for nodes to install: STACK=oslo (CHECK=1: tell what is newer)
	@node --import tsx commands/lock.ts --stack '$(STACK)' $(if $(call given,CHECK),--check)

forget: node_modules ## Give up a machine that is gone for good, so that up can go on without it: STACK=oslo MACHINE=hv1
	@node --import tsx commands/forget.ts --stack '$(STACK)' --machine '$(MACHINE)'

supply: node_modules go ## Build the packages and images that nodes install, for a mirror of your own
	@$(kjerne) setup supply

##@ Change it
check: node_modules ## Types, formatting, lint
	@npm run --silent check

golden: node_modules ## Rewrite the golden files of test/golden and show the difference
	@UPDATE_GOLDEN=1 node --import tsx --test $(golden) > /dev/null || true # a run that rewrites fails
	@printed=$$(node --import tsx --test --test-reporter=spec $(golden)) || { echo "$$printed"; exit 1; }
	@git status --short -- test/golden | grep . || echo 'Every golden file is as it was committed.'
	@git --no-pager diff --stat --patch -- test/golden

catalogue: node_modules ## Write docs/rules.md and docs/evidence.schema.json from the rules
	@node --import tsx commands/catalogue.ts

review: node_modules ## Tell what a branch changes, judged by the packs of its base: BASE=origin/main HEAD=origin/feature
	@node --import tsx commands/review.ts --base '$(BASE)' $(if $(call given,HEAD),--head '$(HEAD)') $(if $(STACK),--stack '$(STACK)')

##@ Test it (FILE=bgp-rules: one file of a layer; NAME='part of its name': one test)
unit: node_modules ## Fast tests that need nothing set up
	$(call layer,unit,2)

test: go check unit test-layers test-e2e ## Everything, fast ones first

# Three at a time, the longest first: a layer by itself ends with one file that keeps a single processor busy.
test-layers: node_modules packages engine supply ## The five layers below, together
	@node --import tsx --test --test-concurrency=3 $(foreach of,review engine tools api policies,$(call files,$(of)))

test-tools: node_modules $(call needs,packages supply) ## Scripts, supply and lab on real files and namespaces
	$(call layer,tools,4)

test-engine: node_modules $(call needs,packages engine supply) ## The real Pulumi engine against a real SSH server
	$(call layer,engine,2)

test-policies: node_modules $(call needs,packages engine supply) ## Every rule, kept and broken
	$(call layer,policies,2)

test-review: node_modules $(call needs,packages engine) ## A branch reviewed, evidence, the pages
	$(call layer,review,2)

test-api: node_modules $(call needs,packages engine) ## A real etcd and API server
	$(call layer,api,2)

test-e2e: node_modules $(call needs,packages engine supply) ## A cluster of five nodes, attacked, without power, destroyed in the end
	$(call layer,e2e,1)

test-virtual: node_modules $(call needs,packages engine supply) ## A cluster with IPVS on a virtual machine; not part of make test
	$(call layer,virtual,1)

restore-drill: node_modules packages engine supply ## Lose every control plane of a lab, and restore it; not part of make test
	@node --import tsx --test test/drill/restore.test.ts

replace-drill: node_modules packages engine supply ## Replace and take out the first control plane of a lab; not part of make test
	@node --import tsx --test test/drill/replace.test.ts

upgrade-drill: node_modules packages engine supply ## Take a lab from one minor of Kubernetes to the next; not part of make test
	@node --import tsx --test test/drill/upgrade.test.ts

upstream-drill: node_modules packages engine supply ## A cluster from upstream's repositories and registries, played: DEBIAN=trixie; not part of make test
	@DEBIAN='$(DEBIAN)' node --import tsx --test test/drill/upstream.test.ts

reflectors-drill: node_modules packages engine supply ## From the mesh of nodes to route reflectors and back; not part of make test
	@node --import tsx --test test/drill/reflectors.test.ts

chaos: node_modules packages engine supply ## Kill up and destroy again and again: SEED=1 TRIALS=10; not part of make test
	@SEED='$(SEED)' TRIALS='$(TRIALS)' node --import tsx --test test/drill/chaos.test.ts

mutation: node_modules ## Break the policy rules in one place after another; a test has to notice each
	@node --import tsx test/policies/mutation.ts

setup: packages engine supply ## Install and build what tests and lab need

packages: node_modules
	@$(kjerne) setup packages

engine: node_modules go
	@$(kjerne) setup engine

go:
	@command -v go > /dev/null || { echo 'kjerne builds what nodes install with Go 1.23 or later: https://go.dev/doc/install'; exit 1; }

node_modules: package-lock.json
	@command -v node > /dev/null || { echo 'kjerne needs Node.js 20.19 or later: https://nodejs.org/en/download'; exit 1; }
	npm ci --ignore-scripts --no-audit --no-fund
	@touch node_modules
