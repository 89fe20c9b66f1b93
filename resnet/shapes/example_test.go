//go:build !js

package shapes_test

import (
	"fmt"

	"github.com/seed8935e608/residua/resnet/shapes"
)

// A set is an endless list of pictures: the first hundred to learn from, the next to be tested on.
func Example() {
	set := shapes.Set{Task: shapes.Direction, Domain: shapes.Filled, Size: 14, Seed: 2}
	if err := set.Check(); err != nil {
		fmt.Println(err)
		return
	}
	picture := make([]byte, set.Len())
	for i := range 2 {
		label := set.Draw(picture, i)
		fmt.Println(set.Task.Classes()[label])
		for y := range set.Size {
			for x := range set.Size {
				at := 3 * (y*set.Size + x)
				if unlike(picture[at:], picture) {
					fmt.Print("#")
				} else {
					fmt.Print(".")
				}
			}
			fmt.Println()
		}
	}
	// Output:
	// right
	// ..............
	// ..............
	// ..............
	// ....###.......
	// ...######.....
	// ..#########...
	// ..###########.
	// ..###########.
	// ..#########...
	// ...######.....
	// ....###.......
	// ..............
	// ..............
	// ..............
	// left
	// ..............
	// ..............
	// ..............
	// .....##.......
	// ....###.......
	// ...##########.
	// .############.
	// .############.
	// ...##########.
	// ....###.......
	// .....##.......
	// ..............
	// ..............
	// ..............
}

// unlike compares two colours.
func unlike(a, b []byte) bool {
	difference := 0
	for c := range 3 {
		difference += max(int(a[c])-int(b[c]), int(b[c])-int(a[c]))
	}
	return difference > 100
}
