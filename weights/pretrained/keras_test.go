package pretrained

import (
	"archive/tar"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/seed8935e608/residua/weights"
	"github.com/seed8935e608/residua/weights/npm/npmtest"
)

// kerasWeight is an array of a made-up package.
type kerasWeight struct {
	Name   string    `json:"name"`
	Shape  []int     `json:"shape"`
	Dtype  string    `json:"dtype"`
	values []float32 // not in model.json
}

// kerasPackage is the content of the tests' tarballs, in the form of the real one.
type kerasPackage struct {
	weights map[string]*kerasWeight
	labels  map[string]string
	extra   []byte            // bytes of the last shard that belong to no weight
	files   map[string][]byte // replaces files; nil removes one
}

// tinyLayers is the structure of the made-up network: it has everything that the real one has, and no two layers happen
// to have the same shape.
var tinyLayers = []int{2, 1}

func tinyPackage() *kerasPackage {
	rng := rand.New(rand.NewPCG(3, 4))
	p := &kerasPackage{weights: map[string]*kerasWeight{}, files: map[string][]byte{}}
	add := func(name string, shape ...int) {
		n := 1
		for _, d := range shape {
			n *= d
		}
		w := &kerasWeight{Name: name, Shape: shape, Dtype: "float32", values: make([]float32, n)}
		for i := range w.values {
			w.values[i] = rng.Float32()*2 - 1
		}
		p.weights[name] = w
	}
	conv := func(conv, norm string, shape ...int) {
		add(conv+"/kernel", shape...)
		add(conv+"/bias", shape[3])
		for _, v := range []string{"gamma", "beta", "moving_mean", "moving_variance"} {
			add(norm+"/"+v, shape[3])
		}
	}
	block := func(name string, in, width, out int, project bool) {
		conv("res"+name+"_branch2a", "bn"+name+"_branch2a", 1, 1, in, width)
		conv("res"+name+"_branch2b", "bn"+name+"_branch2b", 3, 3, width, width)
		conv("res"+name+"_branch2c", "bn"+name+"_branch2c", 1, 1, width, out)
		if project {
			conv("res"+name+"_branch1", "bn"+name+"_branch1", 1, 1, in, out)
		}
	}
	conv("conv1", "bn_conv1", 7, 5, 3, 4)
	block("2a", 4, 2, 8, true)
	block("2b", 8, 2, 8, false)
	block("3a", 8, 6, 10, true)
	add("fc1000/kernel", 10, 5)
	add("fc1000/bias", 5)
	p.labels = map[string]string{"0": "tench", "1": "great_white_shark", "2": "jack-o'-lantern", "3": "crane",
		"4": "crane"}
	return p
}

func tinyNetwork(tarball []byte) network {
	n := network{
		pkg:    npmtest.Pin("tiny@1.0.0", tarball),
		layers: tinyLayers,
		card:   resnet50.card,
		config: `{"layers":[2,1]}`,
		shard:  3000,
		sha256: map[weights.DType]string{},
	}
	n.card.Model = "tiny"
	return n
}

// tarball packs the package: shards of 1,000 bytes that cut through weights, sorted by name as text, then model.json.
func (p *kerasPackage) tarball() []byte {
	var buffer []byte
	var list []*kerasWeight
	for _, name := range slices.Sorted(maps.Keys(p.weights)) {
		w := p.weights[name]
		list = append(list, w)
		for _, v := range w.values {
			buffer = binary.LittleEndian.AppendUint32(buffer, math.Float32bits(v))
		}
	}
	buffer = append(buffer, p.extra...)
	all := map[string][]byte{}
	var paths []string
	for part := range slices.Chunk(buffer, 1000) {
		name := fmt.Sprintf("group1-shard%d.bin", len(paths)+1)
		paths = append(paths, name)
		all["package/ResNet50/"+name] = part
	}
	model, err := json.Marshal(map[string]any{
		"format":          "layers-model",
		"modelTopology":   map[string]any{},
		"weightsManifest": []any{map[string]any{"paths": paths, "weights": list}},
	})
	if err != nil {
		panic(err)
	}
	labels, err := json.Marshal(p.labels)
	if err != nil {
		panic(err)
	}
	all["package/ResNet50/model.json"] = model
	all["package/assets/labels.json"] = labels
	all["package/README.md"] = []byte("nobody reads me")
	maps.Copy(all, p.files)
	var entries []tar.Header
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if all[name] != nil {
			entries = append(entries, tar.Header{Name: name, Typeflag: tar.TypeReg, Size: int64(len(all[name]))})
		}
	}
	return npmtest.Tarball(entries, all)
}
