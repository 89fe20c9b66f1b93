//go:build !js

package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"

	"github.com/seed8935e608/residua/weights"
)

// encode writes a file of the narrow network with a model card, which is JSON. As in the real files, tensors of one
// dimension stay in float32, and wide types stand before narrow ones.
func encode(card string, tensors []tensor, dtype weights.DType) ([]byte, error) {
	structure, err := json.Marshal(config())
	if err != nil {
		return nil, err
	}
	var encoded []weights.Tensor
	for _, t := range tensors {
		var one weights.Tensor
		switch {
		case len(t.shape) == 1:
			one, err = weights.NewTensor(t.name, weights.F32, t.shape, t.values)
		case dtype == weights.I8:
			one, err = weights.Quantise(t.name, t.shape, t.values)
		default:
			one, err = weights.NewTensor(t.name, dtype, t.shape, t.values)
		}
		if err != nil {
			return nil, err
		}
		encoded = append(encoded, one)
	}
	slices.SortStableFunc(encoded, func(a, b weights.Tensor) int { return b.DType.Size() - a.DType.Size() })
	var file bytes.Buffer
	err = weights.Write(&file, map[string]string{
		"format": "pt", weights.CardKey: card, weights.ConfigKey: string(structure),
	}, encoded)
	return file.Bytes(), err
}

// publish writes a file's shards and their manifest.
func publish(dir, name string, file []byte, shards int) error {
	manifest, parts, err := weights.Split(name, name+".safetensors", file, (len(file)+shards-1)/shards)
	if err != nil {
		return err
	}
	text, err := manifest.Encode()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for i, shard := range manifest.Shards {
		if err := os.WriteFile(filepath.Join(dir, shard.Name), parts[i], 0o644); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(dir, "manifest.json"), text, 0o644)
}
