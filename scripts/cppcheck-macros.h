/* Loops of jansson as cppcheck understands them. */
#define json_object_foreach(object, key, value) for (key = "", value = (object); value; value = 0)
#define json_array_foreach(array, i, value) for (i = 0, value = (array); value; value = 0)
