package weights_test

import (
	"bytes"
	"fmt"
	"log"

	"github.com/seed8935e608/residua/weights"
)

// A file is written, cut into shards for a browser, joined again and read.
func Example() {
	head, err := weights.NewTensor("fc.weight", weights.F16, []int{2, 3}, []float32{1, 2, 3, -1, 0.5, 0.25})
	if err != nil {
		log.Fatal(err)
	}
	var file bytes.Buffer
	if err := weights.Write(&file, map[string]string{"format": "pt"}, []weights.Tensor{head}); err != nil {
		log.Fatal(err)
	}

	manifest, shards, err := weights.Split("tiny", "tiny.safetensors", file.Bytes(), 100)
	if err != nil {
		log.Fatal(err)
	}
	for i, shard := range manifest.Shards {
		if err := shard.Verify(shards[i]); err != nil {
			log.Fatal(err)
		}
	}

	parsed, err := weights.Parse(bytes.Join(shards, nil))
	if err != nil {
		log.Fatal(err)
	}
	for _, t := range parsed.Tensors() {
		values, err := t.AppendFloat32(nil)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(t.Name, t.DType, t.Shape, values)
	}
	fmt.Println(len(manifest.Shards), "shards")
	// Output:
	// fc.weight F16 [2 3] [1 2 3 -1 0.5 0.25]
	// 2 shards
}
